// Files by name: the rungs in the order of their table, those that are there.
#include "learn/shipped.h"

#include <cstdlib>
#include <filesystem>

namespace packscope::learn {

std::string model_directory() {
  if (const char* set = std::getenv("PACKSCOPE_MODELS"); set != nullptr && *set != '\0') return set;
  std::error_code failed;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failed);
  const std::filesystem::path beside = self.parent_path().parent_path() / "share" / "packscope" / "models";
  return !failed && std::filesystem::is_directory(beside, failed) ? beside.string() : PACKSCOPE_MODELS_PATH;
}

Result<std::vector<Model>> load_shipped(std::string_view task) {
  const std::filesystem::path directory = model_directory();
  std::vector<Model> models;
  for (const Rung& rung : rungs()) {
    const std::filesystem::path path = directory / (std::string(task) + "-" + std::string(rung.name) + ".safetensors");
    std::error_code failed;
    if (!std::filesystem::exists(path, failed)) continue;
    Result<Model> model = load_model(path.string());
    if (!model) return std::unexpected(model.error());
    models.push_back(std::move(*model));
  }
  if (models.empty())
    return fail("no weights for task " + std::string(task) + " there (PACKSCOPE_MODELS names another place; packscope "
                "ast_classifier train makes some)", directory.string());
  return models;
}

} // namespace packscope::learn
