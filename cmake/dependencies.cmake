# Third-party libraries, each owned by one folder of src/ (kai_libraries_FOLDER).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
# Debian's libsodium has no CMake package of its own.
find_library(KAI_SODIUM sodium REQUIRED)
find_path(KAI_SODIUM_INCLUDE sodium.h REQUIRED)

add_library(kai_llama INTERFACE)
target_include_directories(kai_llama SYSTEM INTERFACE ${KAI_LLAMA}/include)
# By full path, so that CMake lets what it builds find them there.
target_link_libraries(kai_llama INTERFACE ${KAI_LLAMA}/lib/libllama.so ${KAI_LLAMA}/lib/libggml.so
                                          ${KAI_LLAMA}/lib/libggml-base.so)

set(kai_libraries_base Boost::headers fmt::fmt Threads::Threads)
set(kai_libraries_http OpenSSL::SSL)
set(kai_libraries_keys ${KAI_SODIUM})
set(kai_libraries_store SQLiteCpp SQLite::SQLite3)
set(kai_libraries_config tomlplusplus::tomlplusplus)
set(kai_libraries_cli CLI11::CLI11)
set(kai_libraries_worker kai_llama ${CMAKE_DL_LIBS})
set(kai_libraries_main CLI11::CLI11)
