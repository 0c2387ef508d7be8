import { Button, Center, Loader, Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ComponentType, Suspense, useEffect, useState } from "react";

import { eventStream } from "@/api/events";
import { keys } from "@/api/queries";
import { takeTokenFromAddress, useSession, whenSessionEnds } from "@/api/session";
import { ErrorBoundary } from "@/parts/error_boundary";
import { later } from "@/parts/later";
import { Shell } from "@/parts/shell";
import { SignIn } from "@/parts/sign_in";
import { Trouble } from "@/parts/trouble";
import { useAddress, type View } from "@/state/address";
import { forgetDrafts, keepDraftsOf } from "@/state/draft";
import { followEvents } from "@/views/activity/history";

const shown: Record<View, ComponentType> = {
  gallery: later(() => import("@/views/gallery/gallery").then((module) => module.Gallery)),
  sources: later(() => import("@/views/sources/sources").then((module) => module.Sources)),
  activity: later(() => import("@/views/activity/activity").then((module) => module.Activity)),
  add: later(() => import("@/views/add/add").then((module) => module.Add)),
};

/** The page: the sign-in, or the shell with one of the four views in it. */
export function App({ tokenFromLink }: { tokenFromLink: string | null }) {
  const [token, setToken] = useLinkToken(tokenFromLink);
  const session = useSession(token === null);
  const { view } = useAddress();
  const [wasSignedIn, setWasSignedIn] = useState(false);
  if (session.data && !wasSignedIn) setWasSignedIn(true);
  if (session.data) keepDraftsOf(session.data.subject);
  useSessionEffects(Boolean(session.data));

  if (token === null && session.data === undefined) {
    return session.error ? <Unreachable error={session.error} /> : <Waiting />;
  }
  if (token !== null || !session.data) {
    return <SignIn tokenFromLink={token} hasEnded={wasSignedIn && !session.data} onDone={() => setToken(null)} />;
  }
  const Shown = shown[view];
  const leave = () => {
    setWasSignedIn(false);
    forgetDrafts();
  };
  return (
    <Shell session={session.data} view={view} onSignedOut={leave}>
      <ErrorBoundary key={view}>
        <Suspense fallback={<Waiting />}>
          <Shown />
        </Suspense>
      </ErrorBoundary>
    </Shell>
  );
}

/** The token of the link that opened the page, or of one that is opened while the page is there already. */
function useLinkToken(first: string | null) {
  const [token, setToken] = useState(first);
  useEffect(() => {
    const look = () => {
      const brought = takeTokenFromAddress();
      if (brought !== null) setToken(brought);
    };
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);
  return [token, setToken] as const;
}

/** Events come while somebody is signed in; with the session goes all that was kept for it. */
function useSessionEffects(isSignedIn: boolean) {
  const client = useQueryClient();
  useEffect(() => {
    const isOver = whenSessionEnds(() => client.setQueryData(keys.session, null));
    // Whether it was the session's end, the session says.
    const isRefused = eventStream.whenRefused(() => void client.invalidateQueries({ queryKey: keys.session }));
    return () => {
      isOver();
      isRefused();
    };
  }, [client]);
  useEffect(() => {
    if (!isSignedIn) return;
    const unfollow = followEvents(eventStream);
    eventStream.start();
    return () => {
      eventStream.stop();
      unfollow();
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] });
      client.getMutationCache().clear();
    };
  }, [isSignedIn, client]);
}

function Waiting() {
  return (
    <Center mih="60vh">
      <Loader aria-label="Loading" />
    </Center>
  );
}

/** Stands where the page would, until the backend answers; it is asked by itself. */
function Unreachable({ error }: { error: Error }) {
  return (
    <Center mih="100vh" p="md" component="main">
      <Stack maw={520}>
        <Trouble error={error} />
        <Button variant="default" onClick={() => window.location.reload()}>
          Load the page again
        </Button>
      </Stack>
    </Center>
  );
}
