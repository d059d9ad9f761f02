// The widget, in two builds. The panel comes first, under a name that changes with its
// bytes. Then widget.js, a plain script with that name built in: it imports the panel
// when somebody opens it, from wherever the script itself came from.

import { build, defineConfig, type Plugin, type UserConfig } from "vite";

const shared: UserConfig = {
  publicDir: false,
  define: { "process.env.NODE_ENV": '"production"' },
};

const output = {
  outDir: "built",
  emptyOutDir: false,
  target: "es2022",
  modulePreload: false as const,
};

/**
 * Write `rem` as a multiple of a property of the widget's own: a host page that makes its
 * letters small, or its arithmetic easy, would make the widget small as well. Conditions
 * of media are left alone; there a rem is the reader's.
 */
const postcss = {
  plugins: [
    {
      postcssPlugin: "rem",
      Declaration(declaration: { value: string }) {
        declaration.value = declaration.value.replace(
          /(?<![\w.-])(-?(?:\d+\.)?\d*\.?\d+)rem\b/g,
          "calc($1 * var(--rem))",
        );
      },
    },
  ],
};

async function builtPanel(): Promise<string> {
  const made = await build({
    ...shared,
    configFile: false,
    css: { postcss },
    build: {
      ...output,
      rolldownOptions: {
        input: "src/widget/panel.tsx",
        preserveEntrySignatures: "strict",
        output: { format: "es", entryFileNames: "assets/panel-[hash].js" },
      },
    },
  });
  if (!("output" in made)) throw new Error("the panel is one build, and not watched");
  const files = made.output.map((file) => file.fileName);
  if (files.length !== 1) throw new Error(`the panel is one file, not ${files}`);
  return files[0] as string;
}

export default defineConfig(async () => ({
  ...shared,
  css: { postcss },
  define: { ...shared.define, PANEL: JSON.stringify(await builtPanel()) },
  build: {
    ...output,
    // As a library: an application's imports are wrapped in what only a module can run.
    lib: {
      entry: "src/widget/widget.ts",
      formats: ["iife" as const],
      name: "frontdesk",
      fileName: () => "widget.js",
    },
  },
  plugins: [refuseModules()],
}));

/** Stop a build whose script only a module could run. */
function refuseModules(): Plugin {
  return {
    name: "plain-script",
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "chunk" || file.imports.length || file.exports.length) {
          this.error(`${file.fileName}: widget.js stands alone`);
        }
        if (/\bimport\.meta\b/.test(file.code)) {
          this.error("widget.js is no module: it has no import.meta");
        }
      }
    },
  };
}
