import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const OUT = "../python/magenta_serving/page";

/** Puts the licences of the packages that are in the page beside it, as they ask for. */
function licenses(): Plugin {
  return {
    name: "licenses",
    apply: "build",
    generateBundle() {
      const folders = new Set([...this.getModuleIds()].flatMap((id) =>
        /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replace("\0", "")) ?? []));
      const texts = [...folders].sort().map((folder) => {
        const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        const file = ["LICENSE", "LICENSE.md", "LICENSE.txt"]
          .map((candidate) => join(folder, candidate)).find((path) => existsSync(path));
        if (!file) {
          throw new Error(`${name} has no licence that could be handed on`);
        }
        return `${name} ${version}\n\n${readFileSync(file, "utf8").trim()}\n`;
      });
      const source = texts.join(`\n${"-".repeat(80)}\n\n`);
      this.emitFile({ type: "asset", fileName: "licenses.txt", source });
    },
  };
}

/** Puts a .gz beside each text file, which both servers send to browsers that take it. */
function gzip(): Plugin {
  return {
    name: "gzip",
    apply: "build",
    closeBundle() {
      for (const entry of readdirSync(OUT, { recursive: true, encoding: "utf8" })) {
        if (/\.(css|html|js|svg|txt)$/.test(entry)) {
          const path = join(OUT, entry);
          writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
        }
      }
    },
  };
}

export default defineConfig({
  // Relative, so that the page works below any path of somebody's site.
  base: "./",
  build: {
    outDir: OUT,
    emptyOutDir: true,
    // The content security policy knows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  plugins: [licenses(), gzip()],
  // `npm run dev` beside `make serve`.
  server: { proxy: { "/v1": "http://localhost:8501" } },
});
