// Render: what a person reads; one pure function per answer of the local API.
//
// Pure: JSON in, text out.  Ownership: values.  Threads: any.  Failure: none; what is missing is left out.
// Spec: docs/spec/local-api.md for the JSON; the golden texts in render_test.cpp.
#pragma once

#include "ambit/json.h"
#include "ambit/look.h"

namespace ambit::cli {

// render_household.cpp
std::string status_text(const Json& answer, const Look& look);
std::string doctor_text(const Json& answer, const Look& look);
std::string created_text(const Json& answer, const Look& look);
// What `up` and `recover` show once.
std::string recovery_words_text(const Json& answer, const Look& look);
std::string devices_text(const Json& answer, const Look& look);
std::string people_text(const Json& answer, const Look& look);
std::string bridges_text(const Json& answer, const Look& look);
std::string config_text(const Json& answer, const Look& look);
// "phone (phone, Anna's)"
std::string device_phrase(const Json& device);

// render_request.cpp
std::string answers_text(const Json& answer, const Look& look);
std::string plan_text(const Json& answer, const Look& look);
std::string why_text(const Json& answer, const Look& look);
std::string pending_text(const Json& answer, const Look& look);
std::string confirmed_text(const Json& answer, const Look& look);

// render_imports.cpp
std::string languages_text(const Json& answer, const Look& look);
std::string imported_text(const Json& answer, const Look& look);
std::string import_removed_text(const Json& answer, const Look& look);

// render_facts.cpp
std::string facts_text(const Json& answer, const Look& look);
// One line, for `facts watch`.
std::string fact_line(const Json& fact, const Look& look);
// One object on one line, strings without quotes: {"on":true} -> on true
std::string value_text(const Json& value);
// Lessons and lists of sentences; `explanation` is a member of an answer.
std::string explanation_text(const Json& explanation, const Look& look);
std::string taught_text(const Json& answer, const Look& look);
std::string lessons_text(const Json& answer, const Look& look);
std::string forgotten_text(const Json& answer, const Look& look);
std::string sentences_text(const Json& report, const Look& look);
std::string ledger_text(const Json& answer, const Look& look);
std::string verified_text(const Json& answer, const Look& look);
std::string rules_text(const Json& answer, const Look& look);

// render_things.cpp
std::string things_text(const Json& answer, const Look& look);
// What a thing is called, or which room it is in, from now on.
std::string given_text(const Json& answer, const Look& look);
std::string areas_text(const Json& answer, const Look& look);
std::string floor_text(const Json& answer, const Look& look);
std::string device_area_text(const Json& answer, const Look& look);

// render_release.cpp
std::string rule_text(const Json& answer, const Look& look);
std::string simulated_text(const Json& answer, const Look& look);

// render_tokens.cpp
std::string token_made_text(const Json& answer, const Look& look);
std::string tokens_text(const Json& answer, const Look& look);

}  // namespace ambit::cli
