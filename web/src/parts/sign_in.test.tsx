import { MantineProvider } from "@mantine/core";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { keys, makeQueryClient } from "@/api/queries";
import { useSession } from "@/api/session";

import { SignIn } from "./sign_in";

// The API's module takes `fetch` when it is loaded.
const backend = vi.hoisted(() => {
  const one = { respond: (_request: Request): Promise<Response> => Promise.reject(new Error("not asked for")) };
  globalThis.fetch = (request) => one.respond(request as Request);
  return one;
});

const session = { scope: "write", subject: "anna", expires_at: null };
const refusal = { type: "urn:creel:problem:unauthorized", title: "A valid token is needed", status: 401 };

function answer(status: number, body: object): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

/** Asks for the session, as the page does when it is opened. */
function Asking() {
  useSession();
  return null;
}

describe("SignIn", () => {
  let client: QueryClient;
  let requests: Request[];

  beforeEach(() => {
    client = makeQueryClient();
    requests = [];
  });

  function respond(how: (request: Request) => Promise<Response>) {
    backend.respond = (request) => {
      requests.push(request);
      return how(request);
    };
  }

  function show(tokenFromLink: string | null, onDone = vi.fn()) {
    render(
      <MantineProvider>
        <QueryClientProvider client={client}>
          <Asking />
          <SignIn tokenFromLink={tokenFromLink} hasEnded={false} onDone={onDone} />
        </QueryClientProvider>
      </MantineProvider>,
    );
    return onDone;
  }

  async function paste(text: string) {
    const user = userEvent.setup();
    await user.click(screen.getByLabelText("Token, or the whole link"));
    await user.paste(text);
    await user.keyboard("{enter}");
  }

  it("signs in with the link's token, though the page's question who is there is answered late", async () => {
    let answerLate = () => {};
    respond((request) =>
      request.method === "POST"
        ? Promise.resolve(answer(200, session))
        : new Promise((resolve) => (answerLate = () => resolve(answer(401, refusal)))),
    );
    const onDone = show("a.b.c");
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    answerLate();
    await new Promise((resolve) => setTimeout(resolve));
    expect(client.getQueryData(keys.session)).toEqual(session);
    const sent = requests.find((request) => request.method === "POST");
    expect(sent?.headers.get("Authorization")).toBe("Bearer a.b.c");
    expect(sent?.url).not.toContain("a.b.c");
  });

  it("keeps the token in none of the query library's caches", async () => {
    respond((request) => Promise.resolve(request.method === "POST" ? answer(200, session) : answer(401, refusal)));
    const onDone = show("a.b.c");
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    const kept = [...client.getQueryCache().getAll(), ...client.getMutationCache().getAll()].map((one) => one.state);
    expect(JSON.stringify(kept)).not.toContain("a.b.c");
    expect(client.getMutationCache().getAll()).toHaveLength(0);
  });

  it("takes a whole link that is pasted", async () => {
    respond((request) => Promise.resolve(request.method === "POST" ? answer(200, session) : answer(401, refusal)));
    const onDone = show(null);
    await paste("http://localhost:8080/#token=a.b.c");
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    const sent = requests.find((request) => request.method === "POST");
    expect(sent?.headers.get("Authorization")).toBe("Bearer a.b.c");
  });

  it("says why a link does not work and asks for a token", async () => {
    respond(() => Promise.resolve(answer(401, { ...refusal, detail: "the token has expired" })));
    const onDone = show("a.b.c");
    expect((await screen.findByRole("alert")).textContent).toContain(
      "The token has expired. Sign in with a new token.",
    );
    expect(screen.getByLabelText("Token, or the whole link")).toBeTruthy();
    expect(onDone).not.toHaveBeenCalled();
  });

  it("says how to get in, whether creel was started to serve or as a demo", async () => {
    respond(() => Promise.resolve(answer(401, refusal)));
    show(null);
    expect(screen.getByText(/Open the link that creel printed/)).toBeTruthy();
    expect(screen.getByText("creel token --data FOLDER --scope write")).toBeTruthy();
    expect(screen.getByText(/FOLDER is the data folder/).textContent).toBe(
      "FOLDER is the data folder that creel was started with: ./creel-data, or ./creel-data/demo for the demo.",
    );
    await waitFor(() => expect(requests).toHaveLength(1));
  });

  it("sends nothing that cannot be a token", async () => {
    respond(() => Promise.resolve(answer(401, refusal)));
    show(null);
    await paste("password");
    expect(await screen.findByText(/This is not a token/)).toBeTruthy();
    expect(requests.filter((request) => request.method === "POST")).toHaveLength(0);
  });
});
