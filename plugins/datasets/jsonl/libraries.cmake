target_link_libraries(${plugin} PRIVATE simdjson::simdjson)
