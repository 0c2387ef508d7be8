import createClient from "openapi-fetch";

import type { components, paths } from "@/api/schema";

type Schemas = components["schemas"];

export type Image = Schemas["Image"];
export type ImageState = Schemas["ImageState"];
export type FailureKind = Schemas["FailureKind"];
export type Source = Schemas["Source"];
export type Statistics = Schemas["Statistics"];
export type Problem = Schemas["Problem"];

/** All calls of the API, typed by its description; the session's cookie goes along by itself. */
export const api = createClient<paths>({ baseUrl: window.location.origin });

/** What the backend refused, as its problem document says (RFC 9457), or that it could not be reached (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem | null;

  constructor(status: number, message: string, problem: Problem | null = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }

  /** The message about one field of the request, by its JSON pointer: "/settings/tag". */
  at(pointer: string): string | undefined {
    return this.problem?.errors?.find((error) => error.pointer === pointer)?.detail;
  }
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of an answer. Throws ApiError: what was refused and why, in words for people. */
export async function asked<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  let answer: Answer<Data>;
  try {
    answer = await call;
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw new ApiError(0, "The backend cannot be reached. Is creel still running?");
  }
  if (answer.response.ok) return answer.data as Data;
  const problem = isProblem(answer.error) ? answer.error : null;
  throw new ApiError(
    answer.response.status,
    problem?.detail ?? problem?.title ?? `The backend answered ${answer.response.status}.`,
    problem,
  );
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "title" in value && "status" in value;
}

/** Where the bytes of an image are. */
export function contentUrl(image: Pick<Image, "id" | "sha256">): string {
  // The hash makes a new picture under an old number a new address.
  return `/images/${image.id}/content`;
}
