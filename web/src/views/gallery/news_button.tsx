import { Button } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";

import { counted } from "@/format/numbers";

import styles from "./gallery.module.css";
import type { News } from "./live_news";

/** Says that there are new images, and shows them when one wants to see them. */
export function NewsButton({ news, onShow }: { news: News; onShow: () => void }) {
  const has = news.isPartial || news.images.length > 0;
  return (
    <div className={styles.news} role="status">
      {has && (
        <Button radius="xl" size="compact-md" leftSection={<IconArrowUp size={16} aria-hidden />} onClick={onShow}>
          {newsText(news)}
        </Button>
      )}
    </div>
  );
}

function newsText({ images, isPartial }: News): string {
  if (!isPartial) return `${counted(images.length, "new image")} - show`;
  return images.length === 0 ? "New images - show" : `More than ${counted(images.length, "new image")} - show`;
}
