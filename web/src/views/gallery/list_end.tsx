import { Button, Group, Loader, Text } from "@mantine/core";

import { Trouble } from "@/parts/trouble";

import styles from "./gallery.module.css";
import type { ImageList } from "./use_image_pages";

interface Properties {
  list: ImageList;
  onShowHidden: () => void;
}

/** Below the last row: more is on its way, or why it is not. */
export function ListEnd({ list, onShowHidden }: Properties) {
  const { images, error, hasMore, isHeldUp, isLoadingMore, loadMore } = list;
  if (list.isLoading || (images.length === 0 && error)) return null;
  return (
    <div className={styles.end}>
      {isLoadingMore && <Loader size="sm" aria-label="Loading more images" />}
      {error && !isLoadingMore && <Trouble error={error} again={loadMore} />}
      {isHeldUp && !isLoadingMore && hasMore && !error && (
        <>
          <Text c="dimmed">The last 1,000 images are all hidden, since they are marked as not safe for work.</Text>
          <Group gap="xs">
            <Button variant="default" onClick={loadMore}>
              Look further
            </Button>
            <Button variant="default" onClick={onShowHidden}>
              Show them
            </Button>
          </Group>
        </>
      )}
    </div>
  );
}
