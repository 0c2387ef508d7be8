import { describe, expect, test } from "vitest";

import { nothingSelected, selected, type SelectionAction } from "./selection";

const order = [10, 20, 30, 40, 50, 60];

function after(...actions: SelectionAction[]): number[] {
  return [...actions.reduce(selected, nothingSelected).ids].sort((one, other) => one - other);
}

describe("selection", () => {
  test("an image is selected, and selected no more", () => {
    expect(after({ type: "toggle", id: 20 })).toEqual([20]);
    expect(after({ type: "toggle", id: 20 }, { type: "toggle", id: 20 })).toEqual([]);
  });

  test("a range goes from where one was last, either way", () => {
    expect(after({ type: "toggle", id: 20 }, { type: "extend", id: 40, order })).toEqual([20, 30, 40]);
    expect(after({ type: "toggle", id: 40 }, { type: "extend", id: 20, order })).toEqual([20, 30, 40]);
  });

  test("a range that grows back leaves nothing behind", () => {
    const grown: SelectionAction[] = [
      { type: "toggle", id: 30 },
      { type: "extend", id: 60, order },
      { type: "extend", id: 20, order },
    ];
    expect(after(...grown)).toEqual([20, 30]);
  });

  test("a range keeps what was selected before it began", () => {
    expect(after({ type: "toggle", id: 10 }, { type: "toggle", id: 40 }, { type: "extend", id: 50, order })).toEqual([
      10, 40, 50,
    ]);
  });

  test("without a beginning a range is the one image", () => {
    expect(after({ type: "extend", id: 30, order })).toEqual([30]);
  });

  test("a range to what is not in the list changes nothing", () => {
    expect(after({ type: "toggle", id: 20 }, { type: "extend", id: 99, order })).toEqual([20]);
  });

  test("all, then none", () => {
    expect(after({ type: "all", order })).toEqual(order);
    expect(after({ type: "all", order }, { type: "clear" })).toEqual([]);
  });

  test("what is gone is selected no more, and begins no range", () => {
    expect(after({ type: "all", order }, { type: "drop", ids: [10, 60] })).toEqual([20, 30, 40, 50]);
    expect(after({ type: "toggle", id: 20 }, { type: "drop", ids: [20] }, { type: "extend", id: 40, order })).toEqual([
      40,
    ]);
  });
});
