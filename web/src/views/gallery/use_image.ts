import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { api, asked, type Image } from "@/api/client";
import { keys } from "@/api/queries";

import { changesTo, putChanges } from "./image_cache";
import { isOutOfDate } from "./image_pages";

/** One image as it is now; the lists learn of it if it is another than they have. */
export function useImage(id: number, listed: Image | undefined) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: keys.image(id),
    queryFn: ({ signal }) => asked(api.GET("/images/{id}", { params: { path: { id } }, signal })),
    placeholderData: listed,
  });
  const asKnown = query.isPlaceholderData ? undefined : query.data;
  useEffect(() => {
    if (asKnown && listed && asKnown.updated_at > listed.updated_at) putChanges(client, changesTo([asKnown]));
  }, [client, asKnown, listed]);
  // An event may have told the list more than an answer that was on its way meanwhile.
  const image = query.data && listed && isOutOfDate(query.data, listed) ? listed : (query.data ?? listed);
  return { image, error: query.error, reload: query.refetch };
}
