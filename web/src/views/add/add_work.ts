import { useEffect, useRef, useSyncExternalStore } from "react";

import { api, asked } from "@/api/client";
import { eventStream, useConnection } from "@/api/events";
import { AddJob, type AddedImages, isUnderWay } from "@/views/add/add_job";

const path = (id: number) => ({ params: { path: { id } } });

/** The page's one job: who goes to another view and comes back finds it as it then is. */
export const addJob = new AddJob({
  post: async (images) => (await asked(api.POST("/images", { body: { images } }))) as AddedImages,
  get: (id) => asked(api.GET("/images/{id}", path(id))),
  retry: (id) => asked(api.POST("/images/{id}/retry", path(id))),
});

let heardAt = 0;

eventStream.listen(({ name, data }) => {
  if (name === "image_stored" || name === "image_failed") {
    heardAt = Date.now();
    addJob.ended(data);
  } else if (name === "missed") {
    heardAt = 0;
  }
});

/** The job, drawn anew when it has changed. */
export function useAddJob(): AddJob {
  useSyncExternalStore(addJob.watch, addJob.snapshot);
  return addJob;
}

const checkMs = 3_000;
/** So long without an event, and images are asked for. */
const quietMs = 5_000;

/** Asks for images whose end no event told, while there are any. */
export function useCheckUp(job: AddJob) {
  const connection = useConnection();
  const isBusy = useRef(false);
  const isWaiting = job.entries.some(isUnderWay);
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => {
      const isQuiet = connection !== "live" || Date.now() - heardAt > quietMs;
      if (!isQuiet || isBusy.current) return;
      isBusy.current = true;
      void job.checkUp().finally(() => (isBusy.current = false));
    }, checkMs);
    return () => clearInterval(timer);
  }, [job, isWaiting, connection]);
}
