import { Code, Stack, Text } from "@mantine/core";

import { shapeLines } from "@/views/sources/shape";
import classes from "@/views/sources/shape_tree.module.css";

/** How the answer is built in which a program found nothing, with the jq path to each part. */
export function ShapeTree({ sample }: { sample: string }) {
  const lines = shapeLines(sample);
  return (
    <Stack gap="xs">
      <Text size="sm">
        The program found no images in the answer. This is how the answer is built; of each list the first entry is
        shown. On the right is what the program would write to get there.
      </Text>
      {lines === null ? (
        <Code block className={classes.raw}>
          {sample}
        </Code>
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label="How the answer is built">
          <table className={classes.tree}>
            <thead>
              <tr>
                <th>Answer</th>
                <th>Holds</th>
                <th>In jq</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <tr key={line.path}>
                  <td style={{ paddingLeft: 8 + line.depth * 16 }}>{line.name === "" ? "the answer" : line.name}</td>
                  <td className={line.isValue ? classes.value : classes.kind}>{line.what}</td>
                  <td className={classes.path}>{line.path}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Stack>
  );
}
