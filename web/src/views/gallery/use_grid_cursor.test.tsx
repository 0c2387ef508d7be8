import { act, render, screen } from "@testing-library/react";
import { useRef } from "react";
import { expect, test } from "vitest";

import { imagesForTest } from "./image_for_test";
import { emptyLayout, relaid } from "./justified_rows";
import { useGridCursor } from "./use_grid_cursor";
import { frameFor } from "./use_justified_rows";

const images = imagesForTest(1, 12);

/** Tiles in rows, as the grid has them, and something else that can have the keyboard. */
function Grid({ width, shown = images }: { width: number; shown?: typeof images }) {
  const grid = useRef<HTMLDivElement>(null);
  const layout = relaid(emptyLayout(frameFor(width)), shown, frameFor(width));
  const cursor = useGridCursor({ grid, layout, top: 0, focusRequest: null });
  return (
    <>
      <div ref={grid} onFocus={cursor.onFocus} onBlur={cursor.onBlur}>
        {layout.rows.map((row) => (
          <div key={row.first}>
            {layout.ids.slice(row.first, row.first + row.tiles).map((id) => (
              <button key={id} data-image={id}>
                Picture {id}
              </button>
            ))}
          </div>
        ))}
      </div>
      <button>Elsewhere</button>
    </>
  );
}

const button = (name: string) => screen.getByRole("button", { name });

test("a tile keeps the keyboard when another width puts it in another row", () => {
  const { rerender } = render(<Grid width={1600} />);
  const before = button("Picture 4");
  act(() => before.focus());
  rerender(<Grid width={500} />);
  expect(button("Picture 4")).not.toBe(before);
  expect(document.activeElement).toBe(button("Picture 4"));
  rerender(<Grid width={1600} />);
  expect(document.activeElement).toBe(button("Picture 4"));
});

test("a tile that had lost the keyboard before does not take it", () => {
  const { rerender } = render(<Grid width={1600} />);
  act(() => button("Picture 4").focus());
  act(() => button("Picture 4").blur());
  rerender(<Grid width={500} />);
  expect(document.activeElement).toBe(document.body);

  act(() => button("Picture 4").focus());
  act(() => button("Elsewhere").focus());
  rerender(<Grid width={1600} />);
  expect(document.activeElement).toBe(button("Elsewhere"));
});

test("a tile that went takes no keyboard when it comes again", () => {
  const { rerender } = render(<Grid width={1600} />);
  act(() => button("Picture 4").focus());
  rerender(<Grid width={1600} shown={images.filter((image) => image.id !== 4)} />);
  rerender(<Grid width={1600} />);
  expect(document.activeElement).toBe(document.body);
});
