// Builds the web form into the package: fixed names, hashes in the addresses, and a
// service worker that knows by hash what it keeps.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const OUT = resolve(process.env.ATALAYA_FORM_OUT ?? "../../api/pages/static/form");
const FONTS = ["Inter-Regular.ttf", "Inter-SemiBold.ttf", "InterDisplay-Bold.ttf"];

const hash = (name) => createHash("sha256").update(readFileSync(join(OUT, name))).digest("hex").slice(0, 16);

const addressed = (name) => `/static/form/${name}?v=${hash(name)}`;

const described = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

// The engine comes with what it needs already inside it.
function withNeeded(folders) {
  for (const folder of folders) {
    for (const name of Object.keys(described(folder).dependencies ?? {})) {
      const needed = resolve("node_modules", name);
      if (existsSync(needed)) folders.add(needed);
    }
  }
  return folders;
}

// The licences of what the bundle holds ask that they travel with it.
function licencesOf(bundle) {
  const modules = Object.values(bundle).flatMap((one) => Object.keys(one.modules ?? {}));
  const folders = modules.map((id) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)/.exec(id)?.[1]).filter(Boolean);
  return [...withNeeded(new Set(folders))]
    .map((folder) => ({ folder, ...described(folder) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ folder, name, version, license }) => {
      const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
      const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
      return `${name} ${version}: ${license}\n\n${text}`.trim();
    })
    .join(`\n\n${"-".repeat(72)}\n\n`);
}

function shell() {
  return {
    name: "shell",
    generateBundle(_, bundle) {
      this.emitFile({ type: "asset", fileName: "licences.txt", source: `${licencesOf(bundle)}\n` });
    },
    closeBundle() {
      const [script, style] = ["form.js", "form.css"].map(addressed);
      const page = readFileSync("shell.html", "utf8").replace("SCRIPT", script).replace("STYLE", style);
      writeFileSync(join(OUT, "index.html"), page);
      const kept = [addressed("index.html"), script, style, ...FONTS.map((name) => `/static/fonts/${name}`)];
      const version = createHash("sha256").update(kept.join("\n")).digest("hex").slice(0, 16);
      const worker = readFileSync("src/worker.js", "utf8")
        .replace('"VERSION"', JSON.stringify(version))
        .replace('"KEPT"', JSON.stringify(kept));
      writeFileSync(join(OUT, "worker.js"), worker);
      for (const name of readdirSync(OUT)) {
        if (!["form.js", "form.css", "index.html", "licences.txt", "worker.js"].includes(name)) rmSync(join(OUT, name));
      }
    },
  };
}

export default defineConfig({
  plugins: [vue(), shell()],
  logLevel: "warn",
  publicDir: false,
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false" },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    sourcemap: false,
    reportCompressedSize: false,
    cssCodeSplit: false,
    chunkSizeWarningLimit: 2000,
    rollupOptions: {
      input: "src/main.js",
      external: [/^\/static\//],
      // The engine holds code of its parser that loads libraries; it never runs here.
      onwarn: (warning, warn) => warning.code === "EVAL" || warn(warning),
      output: {
        format: "es",
        codeSplitting: false,
        entryFileNames: "form.js",
        assetFileNames: "form[extname]",
      },
    },
  },
});
