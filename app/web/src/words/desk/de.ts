// Deutsch, von der Redaktion: ihr Rahmen, was misslingt, und Schlüssel.

import type { DeskWords } from ".";

export const frame: DeskWords["frame"] = {
  title: (name) => `${name} – Redaktion`,
  desk: "Redaktion",
  sections: "Bereiche",
  skip: "Zum Inhalt springen",
  names: {
    documents: "Dokumente",
    answer: "Weg einer Antwort",
    insights: "Einblicke",
    editions: "Ausgaben",
    keys: "Schlüssel",
  },
  shortNames: {
    documents: "Dokumente",
    answer: "Antwort",
    insights: "Einblicke",
    editions: "Ausgaben",
    keys: "Schlüssel",
  },
  leads: {
    documents:
      "Woraus Antworten entstehen: Dateien hinzufügen, ersetzen und entfernen, und sehen, was nicht gelesen werden konnte.",
    answer:
      "Fragen Sie, was Besucher fragen, und sehen Sie Schritt für Schritt, wie die Antwort zustande kam.",
    insights:
      "Was gefragt wird, was nicht beantwortet wurde, und welche Dokumente helfen.",
    editions:
      "Jedes Einlesen veröffentlicht eine Ausgabe. Kehren Sie zu einer früheren zurück, wenn die neueste falsch ist.",
    keys: "Wer fragen darf, von wo, und wie viel.",
  },
  chatPage: "Chat-Seite",
  light: "Hell anzeigen",
  dark: "Dunkel anzeigen",
  forgetKey: "Schlüssel vergessen",
  offline:
    "Sie sind offline. Was Sie geschrieben haben, bleibt hier und kann gesendet werden, sobald die Verbindung wieder steht.",
  loading: "Wird geladen …",
  close: "Schließen",
  cancel: "Abbrechen",
  tryAgain: "Noch einmal versuchen",
  copy: "Kopieren",
  copied: "Kopiert.",
  copyFailed: "Das ließ sich nicht kopieren. Markieren und kopieren Sie es von Hand.",
  showNumbers: "Zahlen zeigen",
  never: "nie",
};

export const door: DeskWords["door"] = {
  title: "Die Redaktion braucht einen Schlüssel",
  lead: "Geben Sie einen Schlüssel dieses Dienstes ein. Was Sie hier tun können, folgt aus seinen Rechten.",
  label: "Schlüssel",
  placeholder: "rk_…",
  show: "Schlüssel zeigen",
  hide: "Schlüssel verbergen",
  enter: "Redaktion öffnen",
  refused:
    "Dieser Schlüssel gilt nicht mehr oder wurde nicht ganz kopiert. Geben Sie einen anderen ein.",
  kept: "Er bleibt in diesem Tab, bis Sie ihn schließen, und geht nur an diesen Dienst.",
  scopes: [
    ["insights", "um Dokumente, Wege von Antworten und Einblicke zu sehen"],
    ["ingest", "um Dokumente hochzuladen und zu löschen und um zurückzukehren"],
    ["admin", "um Schlüssel anzulegen und zu widerrufen"],
  ],
};

export const trouble: DeskWords["trouble"] = {
  offline: "Sie sind offline.",
  offlineNext: "Prüfen Sie Ihre Verbindung und versuchen Sie es dann noch einmal.",
  unreachable: "Der Dienst antwortet nicht.",
  unreachableNext:
    "Vielleicht startet er gerade oder ist angehalten. Versuchen Sie es gleich noch einmal; bleibt es so, sagen Sie es denen, die ihn betreiben.",
  forbidden: "Dieser Schlüssel darf das nicht.",
  forbiddenNext: (scopes) =>
    `Dafür braucht es das Recht ${scopes}. Geben Sie einen anderen Schlüssel ein, oder bitten Sie um einen.`,
  key: "Es braucht einen gültigen Schlüssel.",
  keyNext: "Geben Sie einen ein, dann geht es hier weiter.",
  busy: "Der Dienst hat gerade zu viel zu tun.",
  busyNext: (wait) => `Versuchen Sie es in ${wait} noch einmal.`,
  database: "Die Datenbank ist nicht erreichbar.",
  databaseNext:
    "Dort stehen Schlüssel und Einblicke. Versuchen Sie es gleich noch einmal.",
  index: "Die Dokumente lassen sich gerade nicht durchsuchen.",
  indexNext:
    "Vielleicht wird der Index gerade geöffnet, oder ihm fehlt Platz. Versuchen Sie es gleich noch einmal.",
  model: "Der Modelldienst hat versagt.",
  modelNext:
    "Die Suche selbst geht; versuchen Sie es noch einmal, oder sehen Sie sich den Weg ohne Antwort an.",
  missing: "Das gibt es nicht mehr.",
  missingNext: "Laden Sie die Liste neu, um den jetzigen Stand zu sehen.",
  absent: "Dieser Dienst bietet das nicht an.",
  absentNext: "Vielleicht ist er von einer früheren Version als diese Seite.",
  origin: "Der Dienst weist diese Seite zurück.",
  originNext:
    "Öffnen Sie die Redaktion unter der Adresse, unter der der Dienst selbst läuft.",
  server: "Im Dienst ist etwas misslungen.",
  serverNext:
    "Versuchen Sie es noch einmal. Bleibt es so, sagt das Protokoll des Dienstes mehr.",
  refusedNext: "Ändern Sie, was nicht stimmt, und versuchen Sie es noch einmal.",
  enterKey: "Anderen Schlüssel eingeben",
};

export const keys: DeskWords["keys"] = {
  create: "Neuer Schlüssel",
  none: "Es gibt noch keine Schlüssel.",
  noneNext:
    "Ohne Schlüssel darf alles tun, wer an diesem Rechner sitzt. Der erste schließt den Dienst: Von da an braucht jeder einen, auch diese Seite.",
  first:
    "Das ist der erste Schlüssel. Sobald es ihn gibt, braucht jeder einen, auch diese Seite. Geben Sie ihm die Rechte insights, ingest und admin, um hier damit weiterzuarbeiten.",
  active: "gültig",
  expired: "abgelaufen",
  revoked: "widerrufen",
  showEnded: (shown) => `Auch beendete zeigen (${shown})`,
  name: "Name",
  nameHint: "Wer oder was ihn benutzt, zum Beispiel „Shop-Server“.",
  kind: "Art",
  kinds: { secret: "Geheim", widget: "Widget" },
  kindHints: {
    secret:
      "Für einen Server oder einen Menschen. Wer ihn hat, kann tun, was er erlaubt.",
    widget:
      "Für eine Seite. Dort kann ihn jeder lesen; er öffnet nur Sitzungen für Besucher.",
  },
  scopes: "Rechte",
  scopeHints: {
    chat: "fragen, und öffnen, was eine Antwort zitiert",
    "chat:system": "eigene Systemnachrichten senden",
    retrieve: "suchen und Quellen öffnen",
    ingest: "Dokumente hochladen und löschen, zurückkehren",
    conversations: "Gespräche behalten und lesen",
    feedback: "Antworten bewerten",
    insights: "Dokumente, Wege und Einblicke sehen",
    admin: "Schlüssel anlegen und widerrufen, Daten ausgeben und löschen",
  },
  labels: "Kennzeichen",
  labelsHint:
    "Welche Dokumente er sieht, durch Kommas getrennt. Leer: dieselben wie Sie.",
  origins: "Seiten",
  originsHint:
    "Eine je Zeile, etwa https://www.example.com. Auf anderen gilt er nicht.",
  limits: "Grenzen",
  limitsHint: "Leer: nur, was für alle gilt.",
  limit: {
    requests_per_minute: "Anfragen je Minute",
    tokens_per_minute: "Tokens je Minute",
    tokens_per_day: "Tokens je Tag",
    money_per_day: "Kosten je Tag",
    streams: "Antworten zugleich",
  },
  expiry: "Endet",
  expiries: {
    never: "nie",
    "30": "in 30 Tagen",
    "90": "in 90 Tagen",
    "365": "in einem Jahr",
  },
  make: "Schlüssel anlegen",
  making: "Wird angelegt …",
  made: "Der Schlüssel ist angelegt",
  madeOnce: "Kopieren Sie ihn jetzt. Er kann nicht noch einmal gezeigt werden.",
  text: "Der Schlüssel",
  snippet: "Für Ihre Seite",
  snippetHint: "Setzen Sie diese Zeile vor das Ende des Body-Elements der Seite.",
  useHere: "In dieser Redaktion benutzen",
  done: "Ich habe ihn kopiert",
  used: "Zuletzt benutzt",
  ends: "Endet",
  rotate: "Erneuern",
  rotateTitle: (name) => `„${name}“ erneuern?`,
  rotateLead:
    "Ein neuer Schlüssel mit denselben Rechten wird angelegt. Der alte gilt noch eine Weile, damit Sie ihn überall austauschen können.",
  grace: "Der alte gilt noch",
  graces: {
    "0": "gar nicht",
    "1": "eine Stunde",
    "24": "einen Tag",
    "168": "eine Woche",
  },
  revoke: "Widerrufen",
  revokeTitle: (name) => `„${name}“ widerrufen?`,
  revokeLead:
    "Er gilt binnen 5 Sekunden nirgends mehr. Das lässt sich nicht rückgängig machen.",
  revokedNow: (name) => `„${name}“ ist widerrufen.`,
  replaced: "löst einen früheren Schlüssel ab",
  list: "Schlüssel",
  actions: "Aktionen",
  state: "Stand",
};
