import { Anchor, Button, Text } from "@mantine/core";
import { IconEyeOff, IconPhotoOff } from "@tabler/icons-react";
import { useState } from "react";

import type { components } from "@/api/schema";
import { imageName } from "@/format/image_name";
import { fullTime } from "@/format/times";
import classes from "@/views/sources/record_card.module.css";

type ImageRecord = components["schemas"]["ImageRecord"];

/** What a poll found, picture by picture. */
export function RecordGrid({ records }: { records: ImageRecord[] }) {
  return (
    <ul className={classes.grid}>
      {records.map((record, place) => (
        <li key={place} className={classes.card}>
          <Preview record={record} />
          <Facts record={record} />
        </li>
      ))}
    </ul>
  );
}

/** The picture where it is now: nothing of it has been stored. */
function Preview({ record }: { record: ImageRecord }) {
  const [isBroken, setBroken] = useState(false);
  const [isHidden, setHidden] = useState(record.nsfw === true);
  if (isHidden) {
    return (
      <div className={classes.picture}>
        <IconEyeOff size={24} stroke={1.5} aria-hidden />
        <Button variant="default" size="compact-xs" onClick={() => setHidden(false)}>
          Marked NSFW: show
        </Button>
      </div>
    );
  }
  if (isBroken || !/^https?:\/\//i.test(record.image_url)) {
    return (
      <div className={classes.picture}>
        <IconPhotoOff size={24} stroke={1.5} aria-hidden />
        <Text size="xs">cannot be shown here</Text>
      </div>
    );
  }
  return (
    <div className={classes.picture}>
      <img
        src={record.image_url}
        alt={imageName(record)}
        loading="lazy"
        decoding="async"
        referrerPolicy="no-referrer"
        onError={() => setBroken(true)}
      />
    </div>
  );
}

function Facts({ record }: { record: ImageRecord }) {
  const size = record.width && record.height ? `${record.width} × ${record.height}` : null;
  const date = record.published_at ? fullTime(record.published_at) : null;
  return (
    <div className={classes.facts}>
      <Text size="sm" fw={600} lineClamp={2}>
        {record.title ?? <span className={classes.missing}>no title</span>}
      </Text>
      {record.attribution_name && (
        <Text size="xs" lineClamp={1}>
          by {record.attribution_name}
        </Text>
      )}
      {size && (
        <Text size="xs" c="dimmed">
          {size}
        </Text>
      )}
      {date && (
        <Text size="xs" c="dimmed">
          {date}
        </Text>
      )}
      <Address url={record.image_url} />
    </div>
  );
}

function Address({ url }: { url: string }) {
  const text = url.replace(/^https?:\/\//i, "");
  if (text === url) return <Text size="xs">{url}</Text>;
  return (
    <Anchor href={url} target="_blank" rel="noopener noreferrer" size="xs" className={classes.address} title={url}>
      {text}
    </Anchor>
  );
}
