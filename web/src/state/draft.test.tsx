import { fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { forgetDraft, forgetDrafts, keepDraftsOf, useDraft } from "./draft";

function Field({ name }: { name: string | null }) {
  const [text, setText] = useDraft(name, () => "");
  return <input aria-label="Words" value={text} onChange={(event) => setText(event.currentTarget.value)} />;
}

const field = () => screen.getByRole<HTMLInputElement>("textbox");

function typeAndLeave(name: string | null) {
  const { unmount } = render(<Field name={name} />);
  fireEvent.change(field(), { target: { value: "half a word" } });
  unmount();
}

beforeEach(forgetDrafts);

test("what was typed is there when one comes back", () => {
  typeAndLeave("a");
  render(<Field name="a" />);
  expect(field().value).toBe("half a word");
});

test("each field has its own, and one without a name keeps nothing", () => {
  typeAndLeave("a");
  typeAndLeave(null);
  const { unmount } = render(<Field name="b" />);
  expect(field().value).toBe("");
  unmount();
  render(<Field name={null} />);
  expect(field().value).toBe("");
});

test("what was forgotten, or was of another session, is gone", () => {
  typeAndLeave("a");
  forgetDraft("a");
  const { unmount } = render(<Field name="a" />);
  expect(field().value).toBe("");
  unmount();
  typeAndLeave("a");
  forgetDrafts();
  render(<Field name="a" />);
  expect(field().value).toBe("");
});

test("a session that follows finds it only if it is the same person's", () => {
  keepDraftsOf("anna");
  typeAndLeave("a");
  keepDraftsOf("anna");
  const { unmount } = render(<Field name="a" />);
  expect(field().value).toBe("half a word");
  unmount();
  keepDraftsOf("otto");
  render(<Field name="a" />);
  expect(field().value).toBe("");
});
