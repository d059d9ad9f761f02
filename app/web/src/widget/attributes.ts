// What the host's page says about the widget, as data attributes of its script.

const POSITIONS = [
  "bottom-right",
  "bottom-left",
  "bottom-end",
  "bottom-start",
] as const;
const THEMES = ["auto", "light", "dark"] as const;
const CONTEXTS = ["page", "full", "off"] as const;
const SWITCH = ["on", "off"] as const;

export interface Attributes {
  /** The widget's key, or "". */
  key: string;
  position: (typeof POSITIONS)[number];
  /** "#rrggbb", or "" for the service's. */
  colour: string;
  greeting: string;
  title: string;
  /** ISO 639-1, or "" for what the service, the page or the browser says. */
  language: string;
  theme: (typeof THEMES)[number];
  /** "page" leaves out query and fragment, where private things stand. */
  context: (typeof CONTEXTS)[number];
  button: (typeof SWITCH)[number];
  openOnLoad: (typeof SWITCH)[number];
  zIndex: number;
}

const LONGEST = 300;
const IN_FRONT = 2_147_483_000;

/**
 * Read the attributes of the script.
 *
 * @param complain Told of each value that is not taken; the usual one stands in for it.
 * @param speaks Whether a language is spoken.
 */
export function readAttributes(
  data: DOMStringMap,
  complain: (text: string) => void,
  speaks: (language: string) => boolean,
): Attributes {
  function value(
    name: string,
    usual: string,
    fits: (text: string) => boolean,
    wanted: string,
  ): string {
    const given = data[name]?.trim();
    if (given === undefined || given === "") return usual;
    if (fits(given)) return given;
    const attribute = `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    // A key is no text for a console, even one that is public.
    const said = name === "key" ? "" : `="${given.slice(0, 60)}"`;
    complain(`${attribute}${said} is not taken: it must be ${wanted}`);
    return usual;
  }
  function one<Value extends string>(name: string, values: readonly Value[]): Value {
    const isOne = (text: string) => (values as readonly string[]).includes(text);
    return value(name, values[0] as Value, isOne, values.join(", ")) as Value;
  }
  const text = (name: string) =>
    value(name, "", (given) => given.length <= LONGEST, `up to ${LONGEST} characters`);
  if ("color" in data) complain("data-color is written data-colour here");
  return {
    key: value("key", "", isKey, "a widget's key, wk_…; never one that is secret"),
    position: one("position", POSITIONS),
    colour: value("colour", "", isColour, "a colour such as #0f766e"),
    greeting: text("greeting"),
    title: text("title"),
    language: value("language", "", speaks, "a language the widget speaks"),
    theme: one("theme", THEMES),
    context: one("context", CONTEXTS),
    button: one("button", SWITCH),
    openOnLoad: one("openOnLoad", ["off", "on"] as const),
    zIndex: Number(value("zIndex", `${IN_FRONT}`, isLayer, "a whole number")),
  };
}

function isKey(text: string): boolean {
  return /^wk_[0-9A-Za-z_]{10,200}$/.test(text);
}

/** Whether a text is a colour as it is set here, and nothing else that styles know. */
export function isColour(text: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(text);
}

function isLayer(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 31;
}
