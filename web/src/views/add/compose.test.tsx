import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { forgetDrafts } from "@/state/draft";
import { Compose } from "@/views/add/compose";
import type { NewImage } from "@/views/add/list_text";

function show() {
  const onSend = vi.fn<(images: NewImage[]) => void>();
  const { unmount } = render(
    <MantineProvider env="test">
      <Compose onSend={onSend} isSending={false} />
    </MantineProvider>,
  );
  return { user: userEvent.setup(), onSend, unmount };
}

const urls = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: "URLs of images" });
const folder = () => screen.getByRole<HTMLInputElement>("textbox", { name: "Folder" });

/** A file whose text can be read here as in a browser. */
function file(name: string, content: string): File {
  return Object.assign(new File([content], name, { type: "text/plain" }), { text: () => Promise.resolve(content) });
}

function choose() {
  return document.querySelector<HTMLInputElement>('input[type="file"]')!;
}

beforeEach(forgetDrafts);

describe("what is to be added", () => {
  it("is kept, and not sent, while its folder is none", async () => {
    const { user, onSend } = show();
    await user.type(urls(), "https://a.example/1.jpg");
    await user.type(folder(), "../x");
    await user.click(await screen.findByRole("button", { name: "Add 1 image" }));
    expect(onSend).not.toHaveBeenCalled();
    expect(urls().value).toBe("https://a.example/1.jpg");
    expect(folder().getAttribute("aria-invalid")).toBe("true");
    expect(document.activeElement).toBe(folder());

    await user.clear(folder());
    await user.type(folder(), "x / y");
    await user.click(screen.getByRole("button", { name: "Add 1 image" }));
    expect(onSend).toHaveBeenCalledWith([{ image_url: "https://a.example/1.jpg", folder_name: "x/y" }]);
    expect(urls().value).toBe("");
  });

  it("is still there when one has looked at another view", async () => {
    const { user, unmount } = show();
    await user.type(urls(), "https://a.example/1.jpg");
    await user.type(folder(), "cats");
    await user.upload(choose(), file("more.txt", "https://a.example/2.jpg"));
    await screen.findByText("more.txt: 1 URL");
    unmount();
    show();
    expect(urls().value).toBe("https://a.example/1.jpg");
    expect(folder().value).toBe("cats");
    expect(await screen.findByRole("button", { name: "Add 2 images" })).toBeTruthy();
  });

  it("is told of by file and line where it is of no use", async () => {
    const { user } = show();
    await user.type(urls(), "nonsense");
    await user.upload(choose(), file("one.txt", "https://a.example/2.jpg\nwords"));
    await user.upload(choose(), file("two.txt", "more words"));
    const list = await screen.findByRole("list", { name: "Lines that are left out" });
    await screen.findByText(/two.txt, line 1/);
    const lines = [...list.querySelectorAll("li")].map((line) => line.textContent);
    expect(lines).toEqual([
      expect.stringMatching(/^Line 1: .*nonsense/),
      expect.stringMatching(/^one.txt, line 2: .*words/),
      expect.stringMatching(/^two.txt, line 1: .*more words/),
    ]);
  });
});
