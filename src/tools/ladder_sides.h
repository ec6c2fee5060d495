// On which side of a model's split a repository is: by the commits that the model's file lists.
#pragma once

#include "learn/dataset.h"
#include "learn/model.h"
#include "pack/repository.h"

namespace packscope::tools {

class ModelSides {
public:
  explicit ModelSides(const learn::Model& model);

  // A repository that holds a listed commit is on that commit's side; one that holds none was never seen: test. Where the
  // model lists none at all (it learned from packs by name), its own split says, by the file or by the repository's name.
  void begin(pack::Repository& repository);
  learn::Side of(const std::string& repository, const std::string& file) const; // after begin()

  bool lists() const { return !listed_.empty(); }

  // Of a repository of a corpus: by its commit where the model lists it, else as the corpus says.
  learn::Side of_corpus(const std::string& commit, learn::Side side) const;

private:
  struct Listed {
    pack::ObjectId id;
    std::string commit;
    learn::Side side;
  };
  std::vector<Listed> listed_;
  learn::Split split_;
  learn::Side here_ = learn::Side::all;
};

} // namespace packscope::tools
