# Puts the files of the dashboard into the program, as they are (.incbin). The generated source
# names each by its hash, so that whoever caches compilations sees that a file has changed.
set(KAI_PAGE "${CMAKE_SOURCE_DIR}/build/web"
    CACHE PATH "what `make web` has made; where it is not there, kai is built without its page")

# Appends one file's bytes to `page_bytes`, as the symbol `symbol`; gives `text`, a string_view.
macro(kai_page_bytes file symbol text)
  file(SHA256 ${KAI_PAGE}/${file} hash)
  file(SIZE ${KAI_PAGE}/${file} size)
  string(APPEND page_bytes
         "asm(R\"(.section .rodata\n.globl ${symbol}\n.hidden ${symbol}\n${symbol}:\n"
         ".incbin \"${KAI_PAGE}/${file}\"  # ${hash}\n.previous)\");\n"
         "extern \"C\" const char ${symbol}[];\n")
  set(${text} "{${symbol}, ${size}}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${KAI_PAGE}/${file})
endmacro()

# Generates the source that has the files, and adds it to `target`.
function(kai_add_page target)
  set(type_html "text/html; charset=utf-8")
  set(type_js "text/javascript; charset=utf-8")
  set(type_css "text/css; charset=utf-8")
  set(type_svg "image/svg+xml")
  set(type_woff2 "font/woff2")
  set(type_png "image/png")
  set(type_txt "text/plain; charset=utf-8")
  set(page_bytes "")
  set(page_rows "")
  set(page_count 0)
  file(GLOB_RECURSE names CONFIGURE_DEPENDS RELATIVE ${KAI_PAGE} ${KAI_PAGE}/*)
  foreach(name IN LISTS names)
    string(REGEX MATCH "[a-z0-9]+$" ending ${name})
    if(NOT DEFINED type_${ending})
      continue()  # compressed forms, and what the build notes for itself
    endif()
    kai_page_bytes(${name} kai_page_${page_count} bytes)
    string(SUBSTRING ${hash} 0 16 tag)
    set(gzip "{}")
    if(EXISTS ${KAI_PAGE}/${name}.gz)
      kai_page_bytes(${name}.gz kai_page_${page_count}_gzip gzip)
    endif()
    string(APPEND page_rows
           "    {\"/${name}\", \"${type_${ending}}\", \"${tag}\", ${bytes}, ${gzip}},\n")
    math(EXPR page_count "${page_count} + 1")
  endforeach()
  configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/page_files.cpp.in page_files.cpp @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/page_files.cpp)
  if(names)
    set(sources ${names})
    list(TRANSFORM sources PREPEND ${KAI_PAGE}/)
    set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/page_files.cpp
                                PROPERTIES OBJECT_DEPENDS "${sources}")
  endif()
endfunction()
