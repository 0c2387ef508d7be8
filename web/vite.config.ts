import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The backend that `npm run dev` shows: CREEL_URL, or the usual one.
const backend = process.env.CREEL_URL ?? "http://127.0.0.1:8080";
const apiPaths = ["/images", "/sources", "/statistics", "/events", "/session", "/healthz", "/metrics", "/openapi.json"];

/**
 * react-zoom-pan-pinch brings its styles in an element without the nonce that the page's policy wants. What they say
 * stands in light_box.module.css.
 */
const withoutInjectedStyles: Plugin = {
  name: "without-injected-styles",
  apply: "build",
  transform(code, id) {
    if (!id.includes("/react-zoom-pan-pinch/")) return null;
    const without = code.replace(/^styleInject\(css_248z\);$/m, "");
    if (without === code) this.error("react-zoom-pan-pinch does not bring its styles as it did: look how it does now");
    return { code: without, map: null };
  },
};

export default defineConfig({
  plugins: [react(), withoutInjectedStyles],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    // Every file of the page is a file of ours: the page's policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  server: { proxy: Object.fromEntries(apiPaths.map((path) => [path, { target: backend, changeOrigin: true }])) },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test_setup.ts"],
    testTimeout: 30_000,
  },
});
