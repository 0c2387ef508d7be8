import { describe, expect, test } from "vitest";

import { imageName } from "./image_name";

const hash = "9f2c4e1ab7d05c66";
const untitled = { title: null, file_name: hash, image_id: hash, image_url: `https://a.example/${hash}` };
const at = (address: string) => imageName({ ...untitled, image_url: address });

describe("what an image is called", () => {
  test("by its title", () => {
    expect(imageName({ ...untitled, title: " Sunset ", file_name: "sun.png" })).toBe("Sunset");
  });

  test("without one by the name of its file, if that is its own", () => {
    expect(imageName({ ...untitled, title: "  ", file_name: "sun.png" })).toBe("sun.png");
    expect(imageName({ ...untitled, image_url: "https://a.example/red_moon.png" })).toBe("red_moon");
    expect(imageName({ ...untitled, file_name: "", image_url: "https://a.example/red_moon.png" })).toBe("red_moon");
    expect(imageName({ ...untitled, file_name: `${hash}.png`, image_url: "https://a.example/red_moon.png" })).toBe(
      "red_moon",
    );
  });

  test.each([
    ["https://a.example/cats/tom.jpg?width=800#top", "tom"],
    ["https://a.example/Blaue%20Stunde.JPEG", "Blaue Stunde"],
    ["https://a.example/%E6%B5%B7.webp", "海"],
    ["https://a.example/tom.jpg:large", "tom"],
    ["https://a.example/tom.jpeg.webp", "tom"],
    ["https://a.example/v1.2", "v1.2"],
    ["https://a.example/gallery/", "gallery"],
    ["https://a.example/50%", "50%"],
    ["https://a.example/.png", ".png"],
  ])("by the last part of its address: %s", (address, name) => {
    expect(at(address)).toBe(name);
  });

  test.each(["https://a.example/", "https://a.example", "data:image/png;base64,AAAA", "no address"])(
    "by its id where the address says nothing: %s",
    (address) => {
      expect(at(address)).toBe(hash);
    },
  );

  test("by nothing if it has nothing", () => {
    expect(imageName({ image_url: "https://a.example/" })).toBe("An image without a name");
  });
});
