demo:
	python3 scripts/demo.py

test:
	python3 scripts/test.py

.PHONY: demo test
