#include "ambitd/member.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include <malloc.h>

#include "ambitd/ambient.h"
#include "ambitd/doors.h"
#include "ambitd/interfaces.h"
#include "ambitd/small_file.h"
#include "ambitd/sources.h"
#include "facts/settings.h"
#include "intent_model/model_parts.h"
#include "intent_model/recipe.h"
#include "node/sentence_imports.h"
#include "paraphrase/paraphrase.h"
#include "paths/paths.h"
#include "store/worker.h"

namespace ambit::daemon {
namespace {

constexpr const char* kPortKey = "mesh_port";
constexpr const char* kKeepAdminKey = "keep_admin";
constexpr std::string_view kFullModel = "household";

std::string model_file(const std::string& name) {
    return shared_file("intents/" + name + ".intents");
}

// The settings' choice; else the small one of such a device, if there is one.
std::string model_name(const std::string& chosen, const std::string& device_kind) {
    if (chosen != "auto") {
        return chosen;
    }
    const bool is_small = intent_model::intents_of_device(device_kind) != nullptr;
    return is_small && std::filesystem::exists(model_file(device_kind)) ? device_kind
                                                                        : std::string(kFullModel);
}

// <folder>/<language>/*.yaml, in order of their names.
std::vector<language::SourceFile> own_sentences(const std::string& folder, const std::string& language) {
    namespace fs = std::filesystem;
    std::vector<fs::path> paths;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / language, missing)) {
        const auto kind = entry.path().extension();
        if ((kind == ".yaml" || kind == ".yml") && paths.size() < language::kSentenceFilesMax) {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<language::SourceFile> files;
    for (const fs::path& path : paths) {
        if (auto text = read_file(path, language::kSentenceFileBytesMax)) {
            files.push_back({path.string(), std::move(text).value(), true});
        }
    }
    return files;
}

// The systemd unit takes new privileges and most system calls away; so may a container.
bool is_sandboxed() {
    std::ifstream status("/proc/self/status");
    bool no_new_privileges = false;
    bool filtered = false;
    for (std::string line; std::getline(status, line);) {
        no_new_privileges = no_new_privileges || line == "NoNewPrivs:\t1";
        filtered = filtered || line == "Seccomp:\t2";
    }
    return no_new_privileges && filtered;
}

std::uint16_t stored_port(const std::map<std::string, Bytes>& table) {
    const auto at = table.find(kPortKey);
    std::uint16_t port = 0;
    if (at != table.end()) {
        const std::string text = to_text(at->second);
        std::from_chars(text.data(), text.data() + text.size(), port);
    }
    return port;
}

}  // namespace

// What providers tell, to the node; then what follows from it.
class Member::FromProviders final : public capability::ProviderEvents {
  public:
    FromProviders(node::Node& node, std::function<void()> after_event)
        : node_(node), after_event_(std::move(after_event)) {}

    void on_entity(const capability::Entity& entity) override {
        node_.on_entity(entity);
        after_event_();
    }

    void on_entity_gone(const std::string& entity_id) override {
        node_.on_entity_gone(entity_id);
        after_event_();
    }

    void on_state(const std::string& entity_id, const std::string& state_json, bool available) override {
        node_.on_state(entity_id, state_json, available);
        after_event_();
    }

    void on_result(const capability::InvocationResult& result) override {
        node_.on_result(result);
        after_event_();
    }

    void on_available(const std::string& source, bool available) override {
        node_.on_available(source, available);
        after_event_();
    }

    void on_health(const capability::HealthItem& item) override {
        node_.on_health(item);
        after_event_();
    }

  private:
    node::Node& node_;
    std::function<void()> after_event_;
};

// Long work on a thread of its own: what the small model learns, and sentences that were imported.
class Member::Aside final : public node::Learning::Hands {
  public:
    explicit Aside(Loop& loop) : loop_(loop), worker_(store::make_worker_thread(loop)) {}

    void soon(std::function<void()> task) override { loop_.post(std::move(task)); }

    void away(std::function<void()> job, std::function<void()> then) override {
        worker_->run([this, job = std::move(job), then = std::move(then)] {
            job();
            loop_.post(then);
        });
    }

  private:
    Loop& loop_;
    std::unique_ptr<store::Worker> worker_;
};

// What the node tells: for the log, and for what depends on the household.
class Member::FromNode final : public node::Watcher {
  public:
    explicit FromNode(Member& member) : member_(member) { member_.node_->add_watcher(*this); }

    ~FromNode() override { member_.node_->remove_watcher(*this); }

    FromNode(const FromNode&) = delete;
    FromNode& operator=(const FromNode&) = delete;

    void on_fact(const facts::LabelledFact& fact, bool /*gone*/) override {
        constexpr privacy::Here here{"daemon: household languages"};
        const facts::Key& key = fact.read(here).key;
        if ((key.subject == facts::kHouseholdSubject && key.attribute == "languages") ||
            node::is_import(key)) {
            member_.load_sentences_soon();
        }
    }

    void on_peer(const DeviceId& peer, bool up) override {
        member_.ground_.log.info(up ? "peer_up" : "peer_down",
                                 {{"device", node::device_name(peer, *member_.node_->parts().roster)}});
    }

    void on_health(const capability::HealthItem& item) override {
        if (item.ok) {
            member_.ground_.log.info("health_good", {{"item", item.key}});
        } else {
            // Where in a calendar it is may name what is in there: `ambit doctor` says that, and no file.
            const bool names = item.key == "calendar" || item.key == "calendar.entries";
            const Error error{item.error.code, names ? "" : item.error.detail};
            member_.ground_.log.warn("health_bad", {{"item", item.key}, {"error", error.message()}});
        }
    }

    void on_pending_changed() override {}

    void on_roster_changed() override {
        member_.ground_.log.info("roster_changed",
                                 {{"version", member_.node_->parts().roster->version.short_hex()}});
        member_.hint_static_peers();
        if (member_.discovery_) {
            member_.discovery_->on_roster();
        }
    }

  private:
    Member& member_;
};

Member::Member(const Ground& ground, node::DaemonInfo info, const identity::DeviceDescription& self)
    : ground_(ground), info_(std::move(info)) {
    aside_ = std::make_unique<Aside>(ground_.loop);
    node::NodeOptions options;
    options.mains_powered = ground_.settings.device_mains_powered;
    options.fresh_store = ground_.store.is_new();
    const auto table = ground_.store.load_table(kDaemonTable);
    options.keep_admin = table && table->contains(kKeepAdminKey);
    const node::Ports ports{ground_.keys.signing, ground_.store, ground_.transport, Loop::system_random()};
    node_ = std::make_unique<node::Node>(ports, options, [] { return Loop::now(); });
    host_watch_ = std::make_unique<HostWatch>(*node_, ground_.state_dir);
    from_node_ = std::make_unique<FromNode>(*this);
    from_providers_ = std::make_unique<FromProviders>(*node_, ground_.after_event);
    pairing_port_ = std::make_unique<PairingPort>(ground_.loop, ground_.after_event);
    api_ = std::make_unique<node::LocalApi>(*node_, info_, *pairing_port_, self);
}

Member::~Member() = default;

Result<void> Member::start() {
    AMBIT_TRY(node_->load());
    AMBIT_TRY(api_->load());
    releasing_ = std::make_unique<node::Releasing>(*node_);
    listen();
    load_intent_model();
    const std::vector<LanguageFiles> languages = sentence_files();
    take_sentences(languages, compiled(languages));  // which gives back what both took
    sources_ = std::make_unique<Sources>(ground_.loop, ground_.settings, *node_, *from_providers_);
    doors_ = std::make_unique<Doors>(ground_.loop, ground_.settings, *node_, *api_, ground_.after_event);
    doors_->open();
    ambient_ = std::make_unique<Ambient>(ground_.loop, ground_.settings, *node_, *from_providers_,
                                         ground_.after_event);
    const bool sandboxed = is_sandboxed();
    node_->on_health({"sandbox",
                      sandboxed,
                      {ErrorCode::NotSandboxed, sandboxed ? "no new privileges, few system calls" : ""}});
    node_->home().announce_version(info_.version, node_->now());
    settle();
    return {};
}

void Member::listen() {
    auto wanted = parse_listen(ground_.settings.mesh_listen);
    if (!wanted) {
        return node_->on_health({"listen", false, wanted.error()});
    }
    const bool any_port = wanted->port == 0;
    if (any_port) {
        const auto table = ground_.store.load_table(kDaemonTable);
        wanted->port = table ? stored_port(*table) : std::uint16_t{0};
    }
    auto at = ground_.transport.listen(*wanted);
    if (!at && any_port && wanted->port != 0) {
        // Somebody took the remembered port meanwhile; peers learn the new one.
        at = ground_.transport.listen({wanted->host, 0});
    }
    if (!at) {
        ground_.log.error("listen_failed", {{"error", at.error().message()}});
        return node_->on_health({"listen", false, at.error()});
    }
    if (any_port && at->port != wanted->port) {
        ground_.store.commit({storage::Put{kDaemonTable, kPortKey, to_bytes(std::to_string(at->port))}});
    }
    const auto addresses = addresses_for(*at);
    const std::string shown = addresses.empty() ? at->to_string() : addresses.front().to_string();
    node_->parts().links.set_own_addresses(addresses, node_->now());
    pairing_port_->set_listen(*at);
    api_->set_addresses(shown, addresses);
    node_->on_health({"listen", true, {ErrorCode::ListenFailed, shown}});
    ground_.log.info("listening", {{"at", at->to_string()}});
    hint_static_peers();
    start_discovery(at->port);
}

void Member::start_discovery(std::uint16_t port) {
    if (!ground_.settings.mesh_mdns) {
        return;
    }
    discovery_ = std::make_unique<Discovery>(ground_.loop, *node_, ground_.after_event);
    discovery_->set_mesh_port(port);
    pairing_port_->set_on_port(
        [this](std::optional<std::uint16_t> pairing) { discovery_->set_pairing_port(pairing); });
}

void Member::hint_static_peers() {
    node::Parts& parts = node_->parts();
    if (!parts.roster) {
        return;
    }
    for (const std::string& text : ground_.settings.mesh_static_peers) {
        const auto address = wire::Address::parse(text);
        if (!address) {
            parts.health.bad("mesh.static_peers", {ErrorCode::BadSetting, text});
            continue;
        }
        // Nobody says whose it is: it is tried for every member, and the handshake tells.
        for (const auto& [id, device] : parts.roster->devices) {
            if (id != parts.self) {
                parts.links.add_hint(id, *address, node_->now());
            }
        }
    }
}

void Member::load_sentences_soon() {
    if (*sentences_are_old_) {
        return;
    }
    *sentences_are_old_ = true;
    ground_.loop.post([weak = std::weak_ptr(sentences_are_old_), this] {
        const auto old = weak.lock();
        if (old == nullptr) {
            return;
        }
        *old = false;
        const auto languages = std::make_shared<std::vector<LanguageFiles>>(sentence_files());
        const auto grammars = std::make_shared<std::vector<language::Grammar>>();
        aside_->away([languages, grammars] { *grammars = compiled(*languages); },
                     [weak, this, languages, grammars] {
                         if (weak.lock() != nullptr) {
                             take_sentences(*languages, std::move(*grammars));
                         }
                     });
    });
}

void Member::load_intent_model() {
    if (!ground_.settings.language_model) {
        return node_->set_model(nullptr, false);
    }
    const identity::Device* self = node_->parts().me();
    const std::string name = model_name(ground_.settings.language_model_name,
                                        self == nullptr ? ground_.settings.device_kind : self->kind);
    const std::string path = model_file(name);
    const auto file = name.find('/') == std::string::npos
                          ? read_file(path, intent_model::kModelBytesMax)
                          : Result<std::string>(Error{ErrorCode::InvalidArgument, name});
    if (!file) {
        node_->on_health({"language.model", false, {ErrorCode::ModelBroken, path + ": can't be read"}});
        return node_->set_model(nullptr, false);
    }
    auto model = paraphrase::Paraphrase::load(view_of(*file));
    node_->on_health(
        {"language.model", model.has_value(),
         model ? Error{} : Error{ErrorCode::ModelBroken, path + ": " + model.error().message()}});
    node_->conversation().learning().set_hands(aside_.get());
    node_->set_model(model ? std::move(*model) : nullptr, model && name == kFullModel);
}

std::vector<Member::LanguageFiles> Member::sentence_files() const {
    const auto known = language::built_in_languages();
    const facts::Facts& facts = node_->parts().facts;
    const auto imports = node::sentence_imports(facts);
    std::vector<std::string> languages = facts::household_settings(facts).languages;
    for (const node::SentenceImport& import : imports) {
        if (std::find(languages.begin(), languages.end(), import.language) == languages.end()) {
            languages.push_back(import.language);
        }
    }
    std::vector<LanguageFiles> out;
    for (const std::string& language : languages) {
        std::vector<language::SourceFile> files;
        if (std::find(known.begin(), known.end(), language) != known.end()) {
            files = language::built_in_sentences(language);
        }
        if (!ground_.settings.language_sentences_dir.empty()) {
            for (auto& file : own_sentences(ground_.settings.language_sentences_dir, language)) {
                files.push_back(std::move(file));
            }
        }
        for (const node::SentenceImport& import : imports) {
            if (import.language == language) {
                files.insert(files.end(), import.files.begin(), import.files.end());
            }
        }
        out.push_back({language, std::move(files)});
    }
    return out;
}

std::vector<language::Grammar> Member::compiled(const std::vector<LanguageFiles>& languages) {
    std::vector<language::Grammar> grammars;
    for (const LanguageFiles& one : languages) {
        if (!one.files.empty()) {
            grammars.push_back(language::Grammar::compile(one.language, one.files));
        }
    }
    return grammars;
}

void Member::take_sentences(const std::vector<LanguageFiles>& languages,
                            std::vector<language::Grammar> grammars) {
    for (const LanguageFiles& one : languages) {
        if (one.files.empty()) {
            node_->on_health({"language." + one.language,
                              false,
                              {ErrorCode::SentenceFileInvalid, "no sentences for " + one.language}});
        }
    }
    for (const language::Grammar& grammar : grammars) {
        const auto& warnings = grammar.warnings();
        node_->on_health(
            {"language." + grammar.language(), warnings.empty(),
             warnings.empty() ? Error{} : Error{ErrorCode::SentenceFileInvalid, warnings.front().message()}});
    }
    node_->conversation().set_grammars(std::move(grammars));
    // Compiling took more memory than the grammars do: 4 MB less for as long as the daemon runs.
    malloc_trim(0);
}

void Member::settle() {
    const Now now = node_->now();
    host_watch_->tick(now);
    if (sources_) {
        sources_->settle(now);
    }
    if (ambient_) {
        ambient_->settle(now);
    }
    if (now.mono >= node_->next_deadline()) {
        node_->tick();
    }
    api_->settle();
    if (discovery_) {
        discovery_->settle(now);
    }
}

MonoTime Member::next_deadline() const {
    MonoTime earliest = std::min(node_->next_deadline(), host_watch_->next_deadline());
    if (const auto deadline = api_->next_deadline()) {
        earliest = std::min(earliest, *deadline);
    }
    return sources_ ? std::min(earliest, sources_->next_deadline()) : earliest;
}

void Member::stop() {
    api_->stop();
    if (doors_) {
        doors_->close();
    }
    pairing_port_->set_on_port([](std::optional<std::uint16_t>) {});
    discovery_.reset();
    ambient_.reset();
    sources_.reset();
    node_->stop();
}

}  // namespace ambit::daemon
