module countersign-adapter

go 1.19
