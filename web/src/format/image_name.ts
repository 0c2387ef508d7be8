/** What an image's name can be made of. */
export interface Nameable {
  title?: string | null | undefined;
  file_name?: string | null | undefined;
  /** A hash where the source has no name of its own. */
  image_id?: string | null | undefined;
  image_url: string;
}

/** What an image is called: its title, else its file's name or that in its address, else its id at the source. */
export function imageName(image: Nameable): string {
  const file = image.file_name?.trim();
  // Without a name of its own, an object has the image's id, and its address's ending.
  const isId = file === image.image_id || file?.replace(endings, "") === image.image_id;
  const ownFile = isId ? "" : file;
  return (
    image.title?.trim() || ownFile || nameInAddress(image.image_url) || image.image_id || "An image without a name"
  );
}

/** What may follow an image's name in an address: "cat.jpg", "cat.jpeg.webp", "cat.jpg:large". */
const endings = /(?:\.(?:jpe?g|jfif|png|apng|gif|webp|avif|svg|bmp|tiff?|hei[cf]|jxl|ico))+(?:[:!@].*)?$/i;

/** The last part of an address's path without the ending of a file; "" if there is none. */
function nameInAddress(address: string): string {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return "";
  const last = new URL(address).pathname.split("/").findLast((part) => part !== "") ?? "";
  const text = decoded(last).replace(/\s+/g, " ").trim();
  return text.replace(endings, "") || text;
}

/** A stranger's "%" may mean nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
