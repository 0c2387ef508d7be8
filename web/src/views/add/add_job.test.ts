import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError, type Image, type Problem } from "@/api/client";
import { type AddCalls, type AddedImages, AddJob } from "@/views/add/add_job";
import type { NewImage } from "@/views/add/list_text";

function image(id: number, state: Image["state"], more: Partial<Image> = {}): Image {
  return { id, state, failure_kind: null, failure_message: null, ...more } as Image;
}

function images(number: number): NewImage[] {
  return Array.from({ length: number }, (_, i) => ({ image_url: `https://a.example/${i}.jpg` }));
}

type Item = AddedImages["items"][number];

/** A backend that takes every image, and numbers them from 1. */
function taking(change: (item: Item, place: number) => Item = (item) => item) {
  let next = 1;
  return (sent: NewImage[]): Promise<AddedImages> =>
    Promise.resolve({
      items: sent.map((one, place) =>
        change({ image_url: one.image_url, id: next++, state: "pending", added: true, error: null }, place),
      ),
      next_cursor: null,
    });
}

let calls: { [Name in keyof AddCalls]: ReturnType<typeof vi.fn<AddCalls[Name]>> };
let job: AddJob;

beforeEach(() => {
  calls = { post: vi.fn(taking()), get: vi.fn(), retry: vi.fn() };
  job = new AddJob(calls, (tell) => tell());
});

describe("sending", () => {
  it("goes in pieces of a thousand", async () => {
    await job.send(images(2_300));
    expect(calls.post.mock.calls.map(([sent]) => sent.length)).toEqual([1_000, 1_000, 300]);
    expect(job.totals()).toMatchObject({ all: 2_300, added: 2_300, waiting: 2_300, unsent: 0 });
  });

  it("tells new images from known and refused ones", async () => {
    calls.post.mockImplementation(
      taking((item, place) => {
        if (place === 1) return { ...item, added: false, state: "stored" };
        if (place === 2)
          return { ...item, id: null, state: null, added: false, error: { kind: "bad_url", message: "no" } };
        return item;
      }),
    );
    await job.send(images(3));
    expect(job.entries.map((entry) => entry.fate)).toEqual(["waiting", "stored", "refused"]);
    expect(job.totals()).toMatchObject({ added: 1, known: 1, refused: 1 });
    expect(job.entries[2]?.why).toEqual({ kind: "bad_url", message: "no" });
  });

  it("stops at an error, and goes on from there when asked", async () => {
    const take = taking();
    calls.post.mockImplementationOnce(take).mockRejectedValueOnce(new ApiError(503, "away"));
    await job.send(images(1_500));
    expect(job.error?.message).toBe("away");
    expect(job.totals()).toMatchObject({ waiting: 1_000, unsent: 500 });
    calls.post.mockImplementation(take);
    await job.sendRest();
    expect(job.error).toBeNull();
    expect(job.totals()).toMatchObject({ waiting: 1_500, unsent: 0 });
  });

  it("takes out what the backend points at, and sends the others", async () => {
    const problem: Problem = {
      type: "urn:creel:problem:invalid-request",
      title: "The request is not valid",
      status: 400,
      detail: "",
      errors: [{ pointer: "/images/1/title", detail: "must be a text" }],
    };
    calls.post.mockRejectedValueOnce(new ApiError(400, "not valid", problem));
    await job.send(images(3));
    expect(job.entries.map((entry) => entry.fate)).toEqual(["waiting", "refused", "waiting"]);
    expect(job.entries[1]?.why?.message).toBe("title must be a text");
    expect(job.error).toBeNull();
  });

  it("can be stopped after the piece under way; the rest stays unsent", async () => {
    const take = taking();
    calls.post.mockImplementation((sent) => {
      const answer = take(sent);
      if (calls.post.mock.calls.length === 2) job.stopSending();
      return answer;
    });
    await job.send(images(2_500));
    expect(calls.post).toHaveBeenCalledTimes(2);
    expect(job.totals()).toMatchObject({ waiting: 2_000, unsent: 500 });
    expect(job.error).toBeNull();
  });

  it("loses nothing that is added while another piece is under way", async () => {
    const take = taking();
    let more: Promise<void> | null = null;
    calls.post.mockImplementation((sent) => {
      if (more === null) {
        job.clear();
        more = job.send(images(5));
      }
      return take(sent);
    });
    await job.send(images(20));
    expect(job.totals()).toMatchObject({ all: 5, waiting: 5 });
  });

  it("puts what is sent later on top", async () => {
    await job.send(images(1));
    await job.send([{ image_url: "https://b.example/new.jpg" }]);
    expect(job.entries.map((entry) => entry.image.image_url)[0]).toBe("https://b.example/new.jpg");
  });
});

describe("the way of an image", () => {
  it("ends with the event that says so", async () => {
    await job.send(images(2));
    job.ended(image(1, "stored"));
    job.ended(image(2, "failed", { failure_kind: "not_found", failure_message: "404" }));
    expect(job.entries.map((entry) => entry.fate)).toEqual(["stored", "failed"]);
    expect(job.entries[1]?.why).toEqual({ kind: "not_found", message: "404" });
  });

  it("may have ended before the answer said which image it is", async () => {
    const take = taking();
    calls.post.mockImplementation((sent) => {
      job.ended(image(1, "stored"));
      return take(sent);
    });
    await job.send(images(1));
    expect(job.entries[0]?.fate).toBe("stored");
  });

  it("is asked for where no event came", async () => {
    await job.send(images(25));
    calls.get.mockImplementation((id) => Promise.resolve(image(id, id <= 12 ? "stored" : "storing")));
    await job.checkUp();
    expect(calls.get).toHaveBeenCalledTimes(10);
    expect(job.totals()).toMatchObject({ stored: 10, waiting: 15 });
    for (let turn = 0; turn < 3; ++turn) await job.checkUp();
    expect(job.totals()).toMatchObject({ stored: 12, storing: 13 });
  });

  it("is over if the image was deleted meanwhile", async () => {
    await job.send(images(1));
    calls.get.mockRejectedValue(new ApiError(404, "there is no image 1"));
    await job.checkUp();
    expect(job.entries[0]?.fate).toBe("deleted");
  });

  it("stays as it is while the backend cannot be asked", async () => {
    await job.send(images(1));
    calls.get.mockRejectedValue(new ApiError(0, "away"));
    await job.checkUp();
    expect(job.entries[0]?.fate).toBe("waiting");
  });

  it("is the same for two URLs of one image", async () => {
    calls.post.mockImplementation(taking((item) => ({ ...item, id: 7 })));
    await job.send(images(2));
    job.ended(image(7, "stored"));
    expect(job.totals().stored).toBe(2);
  });
});

describe("trying again", () => {
  beforeEach(async () => {
    await job.send(images(2));
    job.ended(image(1, "failed", { failure_kind: "timeout", failure_message: "slow" }));
  });

  it("makes a failed image wait anew", async () => {
    calls.retry.mockResolvedValue(image(1, "pending"));
    await job.retryFailed();
    expect(calls.retry.mock.calls).toEqual([[1]]);
    expect(job.entries[0]).toMatchObject({ fate: "waiting", why: null });
  });

  it("that is refused says why", async () => {
    calls.retry.mockRejectedValue(new ApiError(503, "the database is away"));
    await job.retryFailed();
    expect(job.entries[0]).toMatchObject({ fate: "failed", why: { kind: "timeout", message: "the database is away" } });
  });
});

describe("those who watch", () => {
  it("are told once of many changes", async () => {
    let tell: (() => void) | null = null;
    job = new AddJob(calls, (later) => (tell = later));
    const watcher = vi.fn();
    job.watch(watcher);
    await job.send(images(50));
    for (let id = 1; id <= 50; ++id) job.ended(image(id, "stored"));
    expect(watcher).not.toHaveBeenCalled();
    const before = job.snapshot();
    (tell as (() => void) | null)?.();
    expect(watcher).toHaveBeenCalledTimes(1);
    expect(job.snapshot()).not.toBe(before);
  });

  it("find nothing after it was cleared", async () => {
    await job.send(images(3));
    job.clear();
    expect(job.entries).toEqual([]);
    job.ended(image(1, "stored"));
    expect(job.totals().all).toBe(0);
  });
});
