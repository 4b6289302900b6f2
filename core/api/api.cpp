#include "api/api.h"

#include <nlohmann/json.hpp>

namespace ambit::api {

void Responder::fail(const Error& error) {
    if (streaming()) {
        event("failed", error_json(error));
        end();
    } else {
        reply(http_status(error.code), error_json(error));
    }
}

std::string error_json(const Error& error) {
    const ErrorEntry& row = describe(error.code);
    const nlohmann::ordered_json body = {{"error",
                                          {{"number", static_cast<int>(error.code)},
                                           {"name", row.name},
                                           {"text", row.text},
                                           {"detail", error.detail},
                                           {"next_step", row.next_step}}}};
    // A detail may quote bytes from outside: what is not UTF-8 is replaced, never thrown on.
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

int http_status(ErrorCode code) {
    switch (code) {
        case ErrorCode::BadEncoding:
        case ErrorCode::InvalidArgument:
        case ErrorCode::LimitExceeded:
        case ErrorCode::BadRequest:
        case ErrorCode::BadSetting:
        case ErrorCode::BadInput:
        case ErrorCode::FactInvalid:
        case ErrorCode::BadReleaseRule:
        case ErrorCode::BadRecoveryWords:
            return 400;
        case ErrorCode::TokenWrong:
            return 401;
        case ErrorCode::TooManyTries:
            return 429;
        case ErrorCode::TokenNotInTheOpen:
        case ErrorCode::WrongName:
        case ErrorCode::OtherSite:
        case ErrorCode::NotYours:
        case ErrorCode::AudienceForbids:
        case ErrorCode::AudienceEmpty:
        case ErrorCode::NotAMember:
        case ErrorCode::NotAllowed:
        case ErrorCode::ChannelForbidden:
        case ErrorCode::ConfirmationInvalid:
        case ErrorCode::Declined:
            return 403;
        case ErrorCode::NoSuchPath:
        case ErrorCode::NoSuchThing:
        case ErrorCode::UnknownSetting:
        case ErrorCode::NothingPending:
        case ErrorCode::NothingToExplain:
            return 404;
        case ErrorCode::NoHousehold:
        case ErrorCode::HasHousehold:
        case ErrorCode::AlreadyRunning:
        case ErrorCode::StaleRoster:
        case ErrorCode::NoPairing:
        case ErrorCode::PairingUnderWay:
        case ErrorCode::TokenExists:
            return 409;
        case ErrorCode::Stopping:
            return 503;
        default:
            break;
    }
    // Identity and pairing errors (1200-1399) are refusals of a well-formed wish in the household's present
    // state.
    const int number = static_cast<int>(code);
    return number >= 1200 && number < 1400 ? 409 : 500;
}

}  // namespace ambit::api
