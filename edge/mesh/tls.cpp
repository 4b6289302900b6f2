#include "mesh/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>

namespace ambit::mesh {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long kCertificateBytesMax = 4096;
constexpr const char* kCiphers = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";

Error failed(const char* what) {
    return Error{ErrorCode::HandshakeFailed, what};
}

KeyPtr private_key(const crypto::SigningKey& key) {
    crypto::Seed seed = key.export_seed();
    KeyPtr out(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
               &EVP_PKEY_free);
    OPENSSL_cleanse(seed.data(), seed.size());
    return out;
}

CertificatePtr self_signed(EVP_PKEY* key) {
    CertificatePtr certificate(X509_new(), &X509_free);
    if (!certificate) {
        return certificate;
    }
    X509* x509 = certificate.get();
    X509_NAME* name = X509_get_subject_name(x509);
    // The dates are fixed: nobody looks at them, and a device without a clock can make the same certificate.
    const bool made =
        X509_set_version(x509, X509_VERSION_3) == 1 &&
        ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) == 1 &&
        ASN1_TIME_set_string(X509_getm_notBefore(x509), "20200101000000Z") == 1 &&
        ASN1_TIME_set_string(X509_getm_notAfter(x509), "99991231235959Z") == 1 &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("ambit"),
                                   -1, -1, 0) == 1 &&
        X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1 &&
        X509_sign(x509, key, nullptr) > 0;
    if (!made) {
        certificate.reset();
    }
    return certificate;
}

int check_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

std::optional<DeviceId> device_of(X509* certificate) {
    EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
    crypto::VerifyKey verify_key;
    std::array<std::uint8_t, 32> raw{};
    std::size_t size = raw.size();
    if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1 || size != raw.size()) {
        return std::nullopt;
    }
    const auto parsed = crypto::VerifyKey::from_bytes(raw);
    return parsed ? std::optional(crypto::device_id_of(*parsed)) : std::nullopt;
}

// Stands for the whole of X.509 verification.  The key is proven by TLS itself (CertificateVerify).
int verify_peer(X509_STORE_CTX* store, void* /*unused*/) {
    const auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* check = static_cast<PeerCheck*>(SSL_get_ex_data(ssl, check_index()));
    const auto device = device_of(X509_STORE_CTX_get0_cert(store));
    if (check == nullptr || !device || !check->admits(*device)) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
        return 0;
    }
    check->found = device;
    check->recovers =
        check->roster && check->roster->device(*device) == nullptr && check->roster->is_recovery(*device);
    return 1;
}

bool harden(SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, kCertificateBytesMax);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, verify_peer, nullptr);
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_max_early_data(context, 0) == 1 &&
           SSL_CTX_set_ciphersuites(context, kCiphers) == 1 &&
           SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1 &&
           SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1;
}

}  // namespace

Result<Bytes> make_certificate(const crypto::SigningKey& key) {
    const KeyPtr secret = private_key(key);
    const CertificatePtr certificate =
        secret ? self_signed(secret.get()) : CertificatePtr(nullptr, &X509_free);
    if (!certificate) {
        return failed("cannot make this device's certificate");
    }
    Bytes der(static_cast<std::size_t>(std::max(i2d_X509(certificate.get(), nullptr), 0)));
    unsigned char* out = der.data();
    i2d_X509(certificate.get(), &out);
    return der;
}

Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const crypto::SigningKey& key) {
    AMBIT_TRY_ASSIGN(const Bytes certificate, make_certificate(key));
    const KeyPtr secret = private_key(key);
    SSL_CTX* native = SSL_CTX_new(TLS_method());
    if (native == nullptr) {
        return failed("no TLS");
    }
    auto context = std::make_unique<boost::asio::ssl::context>(native);  // takes `native` over
    const bool ready =
        harden(native) &&
        SSL_CTX_use_certificate_ASN1(native, static_cast<int>(certificate.size()), certificate.data()) == 1 &&
        SSL_CTX_use_PrivateKey(native, secret.get()) == 1;
    if (!ready) {
        return failed("TLS cannot be set up");
    }
    return context;
}

bool PeerCheck::admits(const DeviceId& device) const {
    const bool member = roster && roster->device(device) != nullptr;
    switch (welcome) {
        case Welcome::Expected:
            return member && expected == device;
        case Welcome::MemberOrRecovery:
            return member || (roster && roster->is_recovery(device));
        case Welcome::Anybody:
            return true;
    }
    return false;
}

void attach(SSL* ssl, PeerCheck& check) {
    SSL_set_ex_data(ssl, check_index(), &check);
}

}  // namespace ambit::mesh
