import { useQuery } from "@tanstack/react-query";

import { api, ApiError, asked } from "@/api/client";
import { keys } from "@/api/queries";
import type { components } from "@/api/schema";

export type Health = components["schemas"]["Health"];

/** How the backend is, asked for again and again; no error hides it, since a 503 says how it is too. */
export function useHealth(): Health | null {
  const health = useQuery({ queryKey: keys.health, queryFn: askHealth, refetchInterval: 10_000, retry: false });
  // What was true before the backend went away is not told as what is true now.
  return health.isError ? null : (health.data ?? null);
}

async function askHealth(): Promise<Health> {
  const answer = await api.GET("/healthz").catch(() => null);
  if (answer === null) throw new ApiError(0, "The backend cannot be reached.");
  if (isHealth(answer.error)) return answer.error;
  return asked(Promise.resolve(answer));
}

function isHealth(value: unknown): value is Health {
  return typeof value === "object" && value !== null && "database" in value && "images" in value;
}

interface Notice {
  title: string;
  text: string;
}

/** What is to be told when the backend is not well; null if it is. */
export function healthNotice(health: Health): Notice | null {
  if (health.database === "away") {
    return {
      title: "The database cannot be reached",
      text: "Nothing is lost: images wait, and all goes on by itself when it is back. What is shown here may be old. See that the database runs; the log of creel says what is wrong.",
    };
  }
  if (health.images === "waiting") {
    return {
      title: "Images are waiting",
      text: "The place where images are stored, or the function that stores them, cannot be reached. creel tries again by itself. If this lasts, look into the log: it says which one, and why. The command creel doctor checks the set-up.",
    };
  }
  return null;
}
