/** Loads the whole page again; where one is stands in the address and is kept. */
export function reloadPage() {
  window.location.reload();
}
