-- Images whose objects may be in the store though they are deleted are looked at with every lease: nothing may take their
-- names before the objects are gone.
create index images_cut_off on images (id) where state = 4 and interrupted = 1;
