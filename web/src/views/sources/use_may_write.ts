import { useSession } from "@/api/session";

/** True if the token that signed in may change things. */
export function useMayWrite(): boolean {
  return useSession().data?.scope === "write";
}
