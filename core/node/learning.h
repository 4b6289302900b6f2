// Learning: the next rung as each audience taught it, made again when its lessons change.
//
// The rung that everybody shares stays as it is.  What one audience showed is a layer over it, for words of
// that audience alone; the household's lessons count in every layer.  Layers are made away from the loop, so
// no request waits for one: until it is there the layer before counts, or, once something was forgotten,
// none. Ownership: Conversation owns it; borrows Parts and LessonBook.  Threads: the loop's; Hands::away()
// runs pure work elsewhere.  Failure: none; what can't be learned is in clashes().  Spec:
// docs/intent-model.md, "Lessons".
#pragma once

#include "node/lesson_book.h"

namespace ambit::node {

class Learning {
  public:
    // Who does the work; outlives Learning.
    class Hands {
      public:
        virtual ~Hands() = default;
        Hands() = default;
        Hands(const Hands&) = delete;
        Hands& operator=(const Hands&) = delete;

        // On the loop, and not inside this call.
        virtual void soon(std::function<void()> task) = 0;
        // `job` on another thread, then `then` on the loop.
        virtual void away(std::function<void()> job, std::function<void()> then) = 0;
    };

    using Clock = std::function<MonoTime()>;

    static constexpr std::size_t kLayersMax = 4;  // audiences whose words are heard here

    Learning(const Parts& parts, const LessonBook& book, Clock clock)
        : parts_(parts), book_(book), clock_(std::move(clock)) {}

    // null: nobody is asked, and nothing is learned.
    void set_base(std::unique_ptr<const language::Rung> base);

    // Without them a layer is made when it is first asked for.
    void set_hands(Hands* hands) { hands_ = hands; }

    // Nobody's; null if there is none.
    const language::Rung* base() const { return base_.get(); }

    // For words of audience `of`; null if there is no rung.  Valid until the next event.
    const language::Rung* rung(const privacy::NamedAudience& of);
    // What the layer of `of` could not learn.
    std::vector<language::Clash> clashes(const privacy::NamedAudience& of) const;

    // How long the last layer took to make, from the change on; 0 if there was none.
    microseconds took() const { return took_; }

    // A kept fact changed.
    void on_change(const facts::Change& change);

  private:
    struct Layer {
        privacy::NamedAudience of;
        std::shared_ptr<const language::Rung> rung;  // null: nothing was learned
        bool old = true;
        bool busy = false;
        MonoTime changed{};
    };

    Layer& layer(const privacy::NamedAudience& of);
    void refresh(Layer& layer);
    void refresh_soon();
    void put(const privacy::NamedAudience& of, std::shared_ptr<const language::Rung> rung);

    const Parts& parts_;
    const LessonBook& book_;
    Clock clock_;
    Hands* hands_ = nullptr;
    std::shared_ptr<const language::Rung> base_;
    std::vector<Layer> layers_;
    std::shared_ptr<bool> soon_ = std::make_shared<bool>(false);  // a refresh is under way to the loop
    microseconds took_{0};
};

}  // namespace ambit::node
