import express, { type Request, type RequestHandler, type Response, Router } from "express";
import { HttpProblem } from "#shared/http/problem.ts";
import { permitOf, requireSameOrigin } from "../access.ts";
import { PASSWORD_PAGE, refusalIn, type SignIn, sendOwnPage } from "../sign-in.ts";
import { type AccountRoutes, changeOwnPassword, passwordRefusal } from "./account-routes.ts";
import { type PageTexts, textsFor } from "./page-texts.ts";
import { renderNoPasswordPage, renderPasswordPage } from "./pages.ts";

/**
 * `/password`: people change their own password, by a plain form, so that it needs nothing but a browser.
 *
 * @param requireIdentity - lets also those pass who have to change it before anything else.
 */
export function routePasswordPage(
  options: AccountRoutes,
  requireIdentity: RequestHandler,
  interceptPage: SignIn["interceptPage"],
): Router {
  const routes = Router();
  const requireSignIn: RequestHandler = async (request, response, next) => {
    if (!(await interceptPage(request, response))) next();
  };
  routes.get(PASSWORD_PAGE, requireSignIn, requireIdentity, (request, response) => {
    showPage(request, response, 200, null);
  });
  routes.post(
    PASSWORD_PAGE,
    requireSameOrigin,
    requireIdentity,
    express.urlencoded({ limit: "8kb" }),
    async (request, response) => {
      const { current = "", password = "", repeat = "" } = textsOf(request.body);
      const texts = textsFor(request);
      try {
        if (password !== repeat) {
          showPage(request, response, 400, texts.notRepeated);
          return;
        }
        await changeOwnPassword(options, request, response, current, password);
        response.redirect(303, "/");
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error;
        showPage(request, response, error.status, faultIn(texts, error));
      }
    },
  );
  return routes;
}

function showPage(request: Request, response: Response, status: number, fault: string | null): void {
  const { name, subject, mustChangePassword: mustChange } = permitOf(response).identity;
  const texts = textsFor(request);
  const html = subject.startsWith("account:")
    ? renderPasswordPage(texts, { name, mustChange, fault })
    : renderNoPasswordPage(texts);
  sendOwnPage(response, status, html);
}

function faultIn(texts: PageTexts, error: HttpProblem): string {
  const refusal = passwordRefusal(error);
  if (refusal === null) return refusalIn(texts, error);
  return refusal === "wrong-current" ? texts.wrongCurrent : texts.weak[refusal];
}

function textsOf(body: unknown): Partial<Record<string, string>> {
  if (typeof body !== "object" || body === null) return {};
  const given = Object.entries(body).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(given);
}
