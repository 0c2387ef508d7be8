#pragma once

#include <chrono>

#include "aws/credentials_source.h"
#include "aws/http_answer.h"

namespace creel::aws {

/// Asks a service for credentials, up to three times while the network fails or
/// the service does (5xx), and returns its answer, whatever it is. Each try may
/// take `timeout`.
/// @param context  must outlive the call, and so must the request's body
/// @throws Failure  what `HttpClient::send` throws
Task<HttpAnswer> ask_for_credentials(const CredentialsContext& context, HttpRequest request,
                                     std::chrono::milliseconds timeout);

}  // namespace creel::aws
