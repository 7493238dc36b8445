# Flags of every target, as one interface library.
option(KAI_SANITIZE "address and undefined-behaviour sanitizers" OFF)

add_library(kai_flags INTERFACE)
target_include_directories(kai_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(kai_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                           -Wunused-result)
# Sizes and signed counts meet everywhere around llama.cpp's API: casts would hide more than they
# show. Fields left out of a designated initializer keep their defaults: that is what they are for.
target_compile_options(kai_flags INTERFACE -Wno-sign-conversion
                                           -Wno-missing-designated-field-initializers)
if(KAI_WERROR)
  target_compile_options(kai_flags INTERFACE -Werror)
endif()
if(KAI_SANITIZE)
  # vptr's check asks through a pipe whether memory can be read: it cries wolf in the tests that
  # leave no file descriptor.
  target_compile_options(kai_flags INTERFACE -fsanitize=address,undefined -fno-sanitize=vptr
                                             -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all -O1)
  target_link_options(kai_flags INTERFACE -fsanitize=address,undefined)
endif()
if(KAI_FUZZ)
  target_compile_options(kai_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -gline-tables-only")
