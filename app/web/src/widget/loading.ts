// The panel, imported from where the script came from.

import type { PanelModule } from "./seam";

/** The panel's file, under a name that changes with its bytes; built in. */
declare const PANEL: string;

const NAMED = /assets\/panel-[\w-]+\.js/;

let loaded: Promise<PanelModule> | null = null;

/** Return the panel's module, imported once; a failed try can be made again. */
export function load(base: string): Promise<PanelModule> {
  loaded ??= imported(base).catch((error) => {
    loaded = null;
    throw error;
  });
  return loaded;
}

async function imported(base: string): Promise<PanelModule> {
  try {
    return await import(/* @vite-ignore */ `${base}/${PANEL}`);
  } catch {
    // A page that stayed open while the service was updated asks for a panel that is
    // gone: the script of today knows its name. A browser may remember a failed import,
    // hence the address of its own.
    const reply = await fetch(`${base}/widget.js`, { cache: "no-cache" });
    const panel = NAMED.exec(await reply.text())?.[0] ?? PANEL;
    return await import(/* @vite-ignore */ `${base}/${panel}?again=${Date.now()}`);
  }
}
