# The library as strangers have it. Not under sanitizers, whose runtime strangers don't link.
if(NOT RUCHE_SANITIZED)
  set(RUCHE_SHARED "${PROJECT_SOURCE_DIR}/../shared" CACHE PATH "Where the design documents and feed corpora lie")
  set(installed_test ${CMAKE_CURRENT_SOURCE_DIR}/installed_test.sh ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR}
    ${RUCHE_SHARED})
  add_test(NAME installed.find_package COMMAND ${installed_test} cmake)
  add_test(NAME installed.fully_static COMMAND ${installed_test} fully_static)
  foreach(compiler g++ clang++-14)
    foreach(link static shared)
      add_test(NAME installed.programs_${link}_${compiler} COMMAND ${installed_test} programs ${link} ${compiler})
    endforeach()
  endforeach()
  set_tests_properties(installed.find_package installed.fully_static installed.programs_static_g++ installed.programs_shared_g++
    installed.programs_static_clang++-14 installed.programs_shared_clang++-14
    PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
endif()
