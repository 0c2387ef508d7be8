/** UTF-8 bytes that the API takes. */
const longestFolder = 1_000;

function partsOf(text: string): string[] {
  return text
    .split("/")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** A folder as the API takes it: " cats / 2026/" is "cats/2026"; "" for none. */
export function cleanFolder(text: string): string {
  return partsOf(text).join("/");
}

/** Why a text names no folder, as a sentence; null if it does, or names none. */
export function folderFault(text: string): string | null {
  const parts = partsOf(text);
  const dots = parts.find((part) => part === ".." || part === ".");
  if (dots !== undefined) return `"${dots}" is no folder: write it like cats/2026.`;
  const bytes = new TextEncoder().encode(parts.join("/")).length;
  return bytes > longestFolder ? `Too long: ${longestFolder.toLocaleString()} letters fit.` : null;
}
