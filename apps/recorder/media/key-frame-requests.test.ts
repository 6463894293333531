import { expect, test } from "vitest";
import { ANSWER_WITHIN_MS, KeyFrameRequests, MIN_REQUEST_DISTANCE_MS } from "./key-frame-requests.ts";

test("the first wish is passed on at once", () => {
  const requests = new KeyFrameRequests();
  expect(requests.dueAt).toBeNull();
  requests.want();
  expect(requests.due(0)).toBe(true);
});

test("wishes while an answer is under way need no request of their own", () => {
  const requests = new KeyFrameRequests();
  requests.onSent(0);
  requests.want();
  requests.want();
  expect(requests.dueAt).toBe(ANSWER_WITHIN_MS);
  requests.onKeyFrame();
  expect(requests.dueAt).toBeNull();
});

test("a request without an answer is repeated", () => {
  const requests = new KeyFrameRequests();
  requests.want();
  requests.onSent(0);
  expect([requests.due(ANSWER_WITHIN_MS - 1), requests.due(ANSWER_WITHIN_MS)]).toEqual([false, true]);
  requests.onSent(ANSWER_WITHIN_MS);
  expect(requests.dueAt).toBe(2 * ANSWER_WITHIN_MS);
});

test("a wish after the answer waits for the least distance only", () => {
  const requests = new KeyFrameRequests();
  requests.want();
  requests.onSent(0);
  requests.onKeyFrame();
  requests.want();
  expect(requests.dueAt).toBe(MIN_REQUEST_DISTANCE_MS);
});

test("after a loss the answer under way may be what was lost", () => {
  const requests = new KeyFrameRequests();
  requests.want();
  requests.onSent(0);
  requests.onLoss();
  expect(requests.dueAt).toBe(MIN_REQUEST_DISTANCE_MS);
});
