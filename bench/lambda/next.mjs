// The start of a Node function: asks the Runtime API for the first event.
import http from "node:http";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
http.get({ host, port, path: "/2018-06-01/runtime/invocation/next" }, (answer) => answer.resume());
