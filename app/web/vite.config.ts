// The pages: chat.html and desk.html with their hashed files, into built/. The service
// serves what lies there by exact name, and knows the pages by theirs.

import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  publicDir: false,
  build: {
    outDir: "built",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // The policy of the pages lets no data: address in.
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["chat.html", "desk.html", "demo.html"] },
  },
  server: {
    proxy: { "/v1": "http://127.0.0.1:8000", "/logo": "http://127.0.0.1:8000" },
  },
});
