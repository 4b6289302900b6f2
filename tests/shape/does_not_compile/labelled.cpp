// What must not compile with a Labelled value: each attempt is compiled alone and must fail as it expects.
#include "privacy/labelled.h"

#include <iostream>
#include <string>

#include "crypto/keys.h"
#include "privacy/gate.h"
#include "wire/links.h"

using ambit::Bytes;
using ambit::Now;
using ambit::privacy::Cleared;
using ambit::privacy::Gate;
using ambit::privacy::Here;
using ambit::privacy::Label;
using ambit::privacy::Labelled;

// The permitted ways, so that the attempts fail for the reason given and no other.
std::size_t permitted(const Labelled<Bytes>& value, Gate& gate, const ambit::DeviceId& peer, Now now) {
    const auto cleared = gate.clear(value, peer, {"example", "audience"}, now);
    return cleared.has_value() ? value.read(Here("does_not_compile")).size() : 0;
}

#if ATTEMPT == 1  // printing; expect: deleted
void attempt(const Labelled<std::string>& value) {
    std::cout << value;
}
#elif ATTEMPT == 2   // making it part of a log line; expect: no match for .operator\+|invalid operands
std::string attempt(const Labelled<std::string>& value) {
    return "said: " + value;
}
#elif ATTEMPT == 3   // taking it as what it holds; expect: conversion from|no viable conversion
std::string attempt(const Labelled<std::string>& value) {
    std::string text = value;
    return text;
}
#elif ATTEMPT == 4   // reading it without naming the reader; expect: no matching function|too few arguments
Bytes attempt(const Labelled<Bytes>& value) {
    return value.read();
}
#elif ATTEMPT == 5   // naming the reader by accident; expect: cannot convert|no viable|could not bind
Bytes attempt(const Labelled<Bytes>& value) {
    return value.read("anybody");
}
#elif ATTEMPT == 6   // comparing, which tells about it; expect: no match for .operator==|invalid operands
bool attempt(const Labelled<Bytes>& a, const Labelled<Bytes>& b) {
    return a == b;
}
#elif ATTEMPT == 7   // reaching in; expect: private
Bytes attempt(const Labelled<Bytes>& value) {
    return value.value_;
}
#elif ATTEMPT == 8   // sending it; expect: could not convert|cannot convert|no viable conversion
void attempt(ambit::wire::Links& links, const ambit::DeviceId& peer, const Labelled<Bytes>& value, Now now) {
    (void)links.notify(peer, "example", value, now);
}
#elif ATTEMPT == 9   // sending bytes past the gate; expect: could not convert|cannot convert|no viable
void attempt(ambit::wire::Links& links, const ambit::DeviceId& peer, Bytes bytes, Now now) {
    (void)links.notify(peer, "example", std::move(bytes), now);
}
#elif ATTEMPT == 10  // clearing without the gate; expect: private
Cleared<Bytes> attempt(const ambit::DeviceId& peer) {
    return Cleared<Bytes>({}, peer, Label{}, {}, 0);
}
#elif ATTEMPT == 11  // comparing secret keys; expect: no match for .operator==|invalid operands
bool attempt(const ambit::crypto::SigningKey& a, const ambit::crypto::SigningKey& b) {
    return a == b;
}
#elif ATTEMPT == 12  // printing a secret key; expect: no match for .operator<<|invalid operands
void attempt(const ambit::crypto::SealKey& key) {
    std::cout << key;
}
#elif ATTEMPT == 13  // copying a secret key; expect: deleted
ambit::crypto::SigningKey attempt(const ambit::crypto::SigningKey& key) {
    return key;
}
#elif ATTEMPT == 14  // one kind of key for another; expect: could not convert|cannot convert|no viable
ambit::crypto::SealPublicKey attempt(const ambit::crypto::VerifyKey& key) {
    return key;
}
#elif ATTEMPT == 15  // dropping an error; expect: nodiscard
void attempt(const Labelled<Bytes>& value, Gate& gate, const ambit::DeviceId& peer, Now now) {
    gate.clear(value, peer, {"example", "audience"}, now);
}
#endif
