import { Tooltip } from "@mantine/core";

import { hoursText } from "@/views/sources/hours";
import classes from "@/views/sources/sparkline.module.css";

const height = 24;
const step = 4;

/** A bar for each hour, as high as it has images beside the busiest one. */
export function Sparkline({ counts }: { counts: number[] }) {
  const most = Math.max(...counts, 1);
  const width = counts.length * step;
  const text = hoursText(counts);
  return (
    <Tooltip label={text}>
      <svg
        className={classes.bars}
        role="img"
        aria-label={text}
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
      >
        <line className={classes.floor} x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
        {counts.map((count, hour) => {
          // An hour with few images is still seen beside one with thousands.
          const size = count === 0 ? 0 : Math.max(2, Math.round((count / most) * (height - 1)));
          return (
            size > 0 && (
              <rect
                key={hour}
                className={classes.bar}
                x={hour * step}
                y={height - size}
                width={step - 1}
                height={size}
              />
            )
          );
        })}
      </svg>
    </Tooltip>
  );
}
