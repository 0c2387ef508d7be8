import type { Image } from "@/api/client";

/** How a picture fills its tile, in the words of CSS. */
export type Fit = "cover" | "contain" | "scale-down";

/** A picture fills a tile of its own proportions, is never cut otherwise, and an icon is not blown up to a blur. */
export function fitOf(
  image: Pick<Image, "id" | "width" | "height" | "type">,
  tile: { width: number; height: number },
): Fit {
  if (!image.width || !image.height) return "contain";
  if (image.type !== "image/svg+xml" && image.width < tile.width / 2) return "scale-down";
  const difference = Math.abs(Math.log(image.width / image.height / (tile.width / tile.height)));
  return difference < 0.05 ? "cover" : "contain";
}
