// Ends well if node_modules holds the packages of package-lock.json. npm writes down what it has installed when it is
// done; packages for other machines are not there, which is right.
import { readFileSync } from "node:fs";

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8")).packages;
  } catch {
    return {};
  }
}

const installed = packagesOf("node_modules/.package-lock.json");
const isMissing = ([path, wanted]) =>
  path !== "" && installed[path]?.version !== wanted.version && !(wanted.optional && !(path in installed));

process.exitCode = Object.entries(packagesOf("package-lock.json")).some(isMissing) ? 1 : 0;
