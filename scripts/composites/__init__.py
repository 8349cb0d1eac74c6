"""Photos with several products, made of photos with one: what choosing an item is measured on."""
