import { Alert, Anchor, Button, Card, Center, Code, Loader, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";

import { keys } from "@/api/queries";
import { signIn, signInFault, tokenFault, tokenIn, useSession } from "@/api/session";

import styles from "./sign_in.module.css";

interface Properties {
  /** Tried at once. */
  tokenFromLink: string | null;
  /** A session was there, and is over. */
  hasEnded: boolean;
  /** Called when the session stands. */
  onDone: () => void;
}

/** Asks for a token, unless the link brought one. */
export function SignIn({ tokenFromLink, hasEnded, onDone }: Properties) {
  const signInWith = useSignIn(onDone);
  const [linkFault, setLinkFault] = useState<string | null>(null);
  const tried = useRef<string | null>(null);

  useEffect(() => {
    document.title = "Sign in - creel";
    if (tokenFromLink === null || tried.current === tokenFromLink) return;
    tried.current = tokenFromLink;
    setLinkFault(null);
    void signInWith(tokenFromLink).then(setLinkFault);
  }, [tokenFromLink, signInWith]);

  if (tokenFromLink !== null && linkFault === null) {
    return (
      <Center mih="100vh" component="main">
        <Loader aria-label="Signing in" />
      </Center>
    );
  }
  return (
    <main className={styles.page}>
      <Card withBorder shadow="md" padding="xl" radius="lg" className={styles.card}>
        <Stack>
          <div className={styles.mark}>
            <img src="/favicon.svg" alt="" width={52} height={52} />
            <div>
              <Title order={1} size="h2">
                creel
              </Title>
              <Text c="dimmed">Pictures, gathered and kept</Text>
            </div>
          </div>
          {linkFault !== null && (
            <Alert color="red" title="The link does not open the page" role="alert">
              {linkFault}
            </Alert>
          )}
          {hasEnded && linkFault === null && (
            <Alert color="yellow" title="The session is over" role="status">
              Sign in again to go on where you were.
            </Alert>
          )}
          <TokenForm signInWith={signInWith} />
          {linkFault !== null && <StaySignedIn onStay={onDone} />}
        </Stack>
      </Card>
    </main>
  );
}

function TokenForm({ signInWith }: { signInWith: (pasted: string) => Promise<string | null> }) {
  const [pasted, setPasted] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setFault(await signInWith(pasted));
    setSending(false);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        <Text>Open the link that creel printed, or paste a token. To make one, run this where creel runs:</Text>
        <Code block className={styles.command}>
          creel token --data FOLDER --scope write
        </Code>
        <Text size="sm" c="dimmed">
          FOLDER is the data folder that creel was started with: <Code>./creel-data</Code>, or{" "}
          <Code>./creel-data/demo</Code> for the demo.
        </Text>
        <PasswordInput
          label="Token, or the whole link"
          value={pasted}
          onChange={(event) => {
            setPasted(event.currentTarget.value);
            setFault(null);
          }}
          error={fault}
          autoComplete="off"
          autoFocus
          required
          withAsterisk={false}
        />
        <Button type="submit" loading={isSending} disabled={pasted.trim() === ""}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}

/** A link of no use does not end a session that is there. */
function StaySignedIn({ onStay }: { onStay: () => void }) {
  const session = useSession().data;
  if (!session) return null;
  return (
    <Anchor component="button" type="button" onClick={onStay}>
      Go on with the session that is open
    </Anchor>
  );
}

/**
 * Signs in with what was pasted, and gives what is wrong with it, or null. It does not go through the query library:
 * that one keeps what it was given in its cache, and a token must be kept nowhere.
 */
function useSignIn(onDone: () => void): (pasted: string) => Promise<string | null> {
  const client = useQueryClient();
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  });
  return useCallback(
    async (pasted: string) => {
      const token = tokenIn(pasted);
      const fault = tokenFault(token);
      if (fault !== null) return fault;
      try {
        const session = await signIn(token);
        // An answer that is still under way says that nobody is signed in.
        await client.cancelQueries({ queryKey: keys.session });
        client.setQueryData(keys.session, session);
        done.current();
        return null;
      } catch (error) {
        return signInFault(error);
      }
    },
    [client],
  );
}
