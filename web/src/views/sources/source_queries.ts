import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";

import { api, asked, type Source } from "@/api/client";
import { useServerEvents } from "@/api/events";
import { keys } from "@/api/queries";
import { countedAnew, type Poll, withoutSource, withPoll, withSource } from "@/views/sources/source_cache";

const list = [...keys.sources, "all"] as const;
const hours = [...keys.statistics, "hours by source"] as const;

/** All sources; there are dozens of them, not thousands. */
export function useSources() {
  return useQuery({ queryKey: list, queryFn: ({ signal }) => allSources(signal) });
}

async function allSources(signal: AbortSignal): Promise<Source[]> {
  const sources: Source[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: 200, ...(cursor !== null && { cursor }) };
    const page = await asked(api.GET("/sources", { params: { query }, signal }));
    sources.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return sources;
}

export function useSource(id: number) {
  return useQuery({
    queryKey: keys.source(id),
    queryFn: ({ signal }) => asked(api.GET("/sources/{id}", { params: { path: { id } }, signal })),
  });
}

export function usePolls(id: number) {
  return useQuery({
    queryKey: keys.polls(id),
    queryFn: async ({ signal }) => {
      const params = { path: { id }, query: { limit: 50 } };
      return (await asked(api.GET("/sources/{id}/polls", { params, signal }))).items;
    },
  });
}

/** The kinds there are; they change only with the program. */
export function useSourceTypes() {
  return useQuery({
    queryKey: keys.sourceTypes,
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await asked(api.GET("/sources/types", { signal }))).items,
  });
}

/** What each source brought in the last day, hour by hour. */
export function useHours() {
  return useQuery({
    queryKey: hours,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const query = { hours: 24, per_source: true };
      const { by_source } = await asked(api.GET("/statistics", { params: { query }, signal }));
      return new Map(by_source.map((one) => [one.source_id, one.per_hour ?? []]));
    },
  });
}

function changeSource(client: QueryClient, id: number, change: (source: Source) => Source) {
  client.setQueryData<Source[]>(list, (known) => known?.map((one) => (one.id === id ? change(one) : one)));
  client.setQueryData<Source>(keys.source(id), (known) => known && change(known));
}

/** Takes in how a source is now, as an event says. */
function keepSource(client: QueryClient, source: Source) {
  client.setQueryData<Source[]>(list, (known) => known && withSource(known, source));
  client.setQueryData<Source>(keys.source(source.id), source);
}

/** Takes in what the backend answered to a change. Events about what came of it may have been faster than the answer. */
export function keepAnswer(client: QueryClient, source: Source) {
  keepSource(client, source);
  void client.invalidateQueries({ queryKey: keys.sources });
}

function dropSource(client: QueryClient, id: number) {
  client.setQueryData<Source[]>(list, (known) => known && withoutSource(known, id));
  client.removeQueries({ queryKey: keys.source(id) });
}

const quietMs = 5_000;

/** Keeps what is shown of sources up to date by the backend's events. */
export function useLiveSources() {
  const client = useQueryClient();
  const recount = useRecount(client);
  useServerEvents({
    source_changed: (source) => keepSource(client, source),
    source_deleted: ({ id }) => client.setQueryData<Source[]>(list, (known) => known && withoutSource(known, id)),
    poll_ended: ({ source_id, poll }) => {
      client.setQueryData<Poll[]>(keys.polls(source_id), (known) => known && withPoll(known, poll));
      recount();
    },
    image_stored: (image) => {
      changeSource(client, image.source_id, (source) => countedAnew(source, image));
      recount();
    },
    image_failed: (image) => {
      changeSource(client, image.source_id, (source) => countedAnew(source, image));
      recount();
    },
    missed: () => void client.invalidateQueries({ queryKey: keys.sources }),
  });
}

/** Asks for the exact counts once, some seconds after something has happened. */
function useRecount(client: QueryClient): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(
    () => () => {
      if (timer.current) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
  return useMemo(
    () => () => {
      timer.current ??= setTimeout(() => {
        timer.current = null;
        void client.invalidateQueries({ queryKey: keys.sources });
        void client.invalidateQueries({ queryKey: hours });
      }, quietMs);
    },
    [client],
  );
}

export type SourceAction = "start" | "stop" | "fetch";

const calls = {
  start: (id: number) => api.POST("/sources/{id}/start", { params: { path: { id } } }),
  stop: (id: number) => api.POST("/sources/{id}/stop", { params: { path: { id } } }),
  fetch: (id: number) => api.POST("/sources/{id}/fetch", { params: { path: { id } } }),
};

/** Starts, stops or polls a source; how it then stands is shown at once. */
export function useSourceAction(id: number, onError: (error: Error) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (action: SourceAction) => asked(calls[action](id)),
    onSuccess: (source) => keepAnswer(client, source),
    onError: (error) => {
      // It was refused because the source stands otherwise than is shown here.
      void client.invalidateQueries({ queryKey: keys.sources });
      onError(error);
    },
  });
}

export function useDeleteSource(id: number, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => asked(api.DELETE("/sources/{id}", { params: { path: { id } } })),
    onSuccess: () => {
      onDone();
      dropSource(client, id);
    },
  });
}
