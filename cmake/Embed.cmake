# creel_embed(TARGET NAME [BASE folder] [FILES file...])
#
# Makes files part of a library: adds a function `std::span<const EmbeddedFile> NAME()` (base/embedded_file.h, namespace
# creel), which the library declares in a header of its own. The names are relative to BASE, else without folders. The
# bytes are taken in by the assembler, which costs no time for any size; a file that changes is taken in anew. Without
# FILES the function returns none.
function(creel_embed target name)
  cmake_parse_arguments(embed "" "BASE" "FILES" ${ARGN})

  set(assembly "// Made by creel_embed().\n        .section .rodata\n")
  set(symbols "")
  set(entries "")
  set(number 0)
  foreach(file IN LISTS embed_FILES)
    get_filename_component(path ${file} ABSOLUTE)
    if(embed_BASE)
      get_filename_component(base ${embed_BASE} ABSOLUTE)
      file(RELATIVE_PATH shown ${base} ${path})
    else()
      get_filename_component(shown ${path} NAME)
    endif()
    set(symbol creel_${name}_${number})
    string(APPEND assembly "        .balign 16\n        .hidden ${symbol}, ${symbol}_end\n        .globl ${symbol}, ${symbol}_end\n"
      "${symbol}:\n        .incbin \"${path}\"\n${symbol}_end:\n        .byte 0\n")
    string(APPEND symbols "extern const char ${symbol}[];\nextern const char ${symbol}_end[];\n")
    string(APPEND entries "      EmbeddedFile{\"${shown}\", {${symbol}, ${symbol}_end}},\n")
    list(APPEND paths ${path})
    math(EXPR number "${number} + 1")
  endforeach()
  string(APPEND assembly "        .section .note.GNU-stack,\"\",@progbits\n")

  set(made ${CMAKE_CURRENT_BINARY_DIR}/${name})
  string(CONCAT code "// Made by creel_embed().\n#include <array>\n#include <span>\n\n#include \"base/embedded_file.h\"\n\n"
    "extern \"C\" {\n${symbols}}\n\nnamespace creel {\n\nstd::span<const EmbeddedFile> ${name}() {\n"
    "  static const std::array<EmbeddedFile, ${number}> files{{\n${entries}  }};\n  return files;\n}\n\n}  // namespace creel\n")
  file(CONFIGURE OUTPUT ${made}.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${made}.cpp CONTENT "${code}" @ONLY)
  set_source_files_properties(${made}.S PROPERTIES OBJECT_DEPENDS "${paths}")
  target_sources(${target} PRIVATE ${made}.S ${made}.cpp)
endfunction()
